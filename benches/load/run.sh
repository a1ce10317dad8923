#!/usr/bin/env bash
# Load on the service beside two yardsticks, in alternating rounds: calls a second, calls a CPU-second, latency, memory.
#
#   benches/load/run.sh [ROUNDS] [SECONDS]
#
# Loopback only, one worker on one core, the load generator on another; bounded by ROUNDS x SECONDS for each row.
# Needs wrk (Debian package `wrk`) and a release build of the program and of the example `yardstick`.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3}
seconds=${2:-3}
target=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
port=18180

nice_to() { taskset -c "$1" "${@:2}"; }
nice_to 0 "$target/spinal-mets-cds" serve --listen 127.0.0.1:$port --now 2026-05-04T10:00:00Z >/dev/null 2>&1 &
ours=$!
nice_to 0 "$target/examples/yardstick" 127.0.0.1:$((port + 1)) 1 &
theirs=$!
trap 'kill $ours $theirs; rm -r "$work"' EXIT
sleep 1

"$target/examples/profile" body 4 1 > "$work/20KB"
"$target/examples/profile" body 40 1 > "$work/200KB"

# CPU time of a process so far, in clock ticks.
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
kilobytes() { awk '/VmHWM/ {print $2}' "/proc/$1/status"; }

# NAME PID URL BODY CONNECTIONS
row() {
    cat > "$work/post.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("$work/$4"):read("a")
done = function(summary, latency)
    local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
    io.write(string.format("%d %d %d %d %d\n", summary.requests, latency:percentile(50), latency:percentile(99),
        latency:percentile(99.9), failed))
end
LUA
    local before after calls p50 p99 p999 failed
    before=$(ticks "$2")
    read -r calls p50 p99 p999 failed < <(nice_to 1 wrk -t1 -c"$5" -d"${seconds}s" -s "$work/post.lua" "$3" | tail -1)
    after=$(ticks "$2")
    awk -v name="$1" -v body="$4" -v c="$5" -v n="$calls" -v s="$seconds" -v cpu=$((after - before)) \
        -v hz="$(getconf CLK_TCK)" -v p50="$p50" -v p99="$p99" -v p999="$p999" -v failed="$failed" -v kb="$(kilobytes "$2")" \
        'BEGIN { printf "%-6s %-6s %4d conn %8.0f /s %8.0f /CPU-s  p50 %6d p99 %6d p99.9 %6d us  failed %d  peak %d MB\n",
            name, body, c, n / s, (cpu > 0 ? n * hz / cpu : 0), p50, p99, p999, failed, kb / 1024 }'
}

for body in 20KB 200KB; do
    for connections in 1 16 256; do
        for _ in $(seq "$rounds"); do
            row ours $ours "http://127.0.0.1:$port/cds-services/spinal-metastases-patient-view" $body $connections
            row value $theirs "http://127.0.0.1:$((port + 1))/value" $body $connections
            row views $theirs "http://127.0.0.1:$((port + 1))/views" $body $connections
        done
    done
done
