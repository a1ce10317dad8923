#!/usr/bin/env bash
# `evaluate` over many patients: time a patient and memory as their number grows, on one core and on all.
#
#   benches/load/batch.sh [ROUNDS] [PATIENTS...]     default: 3 rounds of 1,000 and 10,000 patients of 29 KB
set -euo pipefail
source "$(dirname "$0")/common.sh"
readonly ROUNDS=${1:-3}
shift || true
[[ $# -gt 0 ]] || set -- 1000 10000
[[ -x /usr/bin/time ]] || { apt-get update -qq && apt-get install -y -qq time >/dev/null; }
cargo build --release --quiet --bins --examples

# CORES FORMAT FILE: seconds of the clock, seconds of all cores, KB at the highest.
measure() { { /usr/bin/time -f '%e %U %S %M' taskset -c "$1" "$BUILT/spinal-mets-cds" evaluate "$3" --format "$2" --now 2026-05-04T10:00:00Z >/dev/null; } 2>&1 | tail -1; }

echo "| patients | cores | format | microseconds a patient | CPU microseconds a patient | peak MB |"
echo "|---|---|---|---|---|---|"
for patients in "$@"; do
    "$BUILT/examples/profile" bundle 4 "$patients" >"$WORK/$patients.ndjson"
    for cores in 0 "0-$(($(nproc) - 1))"; do
        for format in text json; do
            for _ in $(seq "$ROUNDS"); do measure "$cores" "$format" "$WORK/$patients.ndjson"; done |
                awk -v n="$patients" -v cores="$cores" -v format="$format" '
                { wall[NR] = $1 * 1e6 / n; cpu[NR] = ($2 + $3) * 1e6 / n; kb[NR] = $4 }
                function three(a, shape,   i, j, v) {
                    for (i = 2; i <= NR; i++) { v = a[i]; for (j = i - 1; j > 0 && a[j] > v; j--) a[j + 1] = a[j]; a[j + 1] = v }
                    return sprintf(shape " / " shape " / " shape, a[1], a[int((NR + 1) / 2)], a[NR])
                }
                END { printf "| %d | %s | %s | %s | %s | %.0f |\n", n, cores, format, three(wall, "%.0f"), three(cpu, "%.0f"), kb[NR] / 1024 }'
        done
    done
    rm "$WORK/$patients.ndjson"
done
