#!/usr/bin/env bash
# The service under load beside two yardsticks: calls a CPU-second, latency, memory; then the cost of tokens.
#
#   benches/load/run.sh [ROUNDS] [SECONDS]     default: 5 rounds of 3 seconds a cell, 15 minutes in all
#
# Each cell is one body at so many connections; in each round the servers take turns, so that a slow moment of the machine
# meets all. Calls are those that were answered; `failed` are the others, at 256 connections those that are turned away
# because the queue stands; their latency counts, too, so the latencies of such a cell are no figures of answers. Figures are minimum / median / maximum of the rounds; a ratio is that of one round. Latencies are microseconds.
set -euo pipefail
source "$(dirname "$0")/common.sh"
readonly ROUNDS=${1:-5} SECONDS_A_RUN=${2:-3}
prepare

# Loads $server: NAME BODY CONNECTIONS PATH [TOKENS]. One line: name body connections calls/s calls/CPU-s p50 p99 p99.9 failed peak.
load() {
    cat >"$WORK/load.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("$WORK/$2"):read("a")
local tokens = "${5-}" ~= "" and io.lines("${5-}")
if tokens then
    request = function()
        wrk.headers["Authorization"] = "Bearer " .. (tokens() or "spent")
        return wrk.format()
    end
end
done = function(summary, latency)
    local e = summary.errors
    local failed = e.status + e.connect + e.read + e.timeout
    io.write(string.format("%d %d %d %d %d\n", summary.requests - e.status, latency:percentile(50), latency:percentile(99),
        latency:percentile(99.9), failed))
end
LUA
    local before after calls p50 p99 p999 failed
    forget_peak "$server"
    before=$(ticks "$server")
    read -r calls p50 p99 p999 failed < <(taskset -c 1 wrk -t1 -c"$3" -d"${SECONDS_A_RUN}s" -s "$WORK/load.lua" \
        "http://127.0.0.1:$PORT/$4" | tail -1)
    after=$(ticks "$server")
    awk -v n="$calls" -v s="$SECONDS_A_RUN" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
        -v head="$1 $2 $3" -v tail="$p50 $p99 $p999 $failed $(peak "$server")" \
        'BEGIN { printf "%s %.0f %.0f %s\n", head, n / s, (ticks > 0 ? n * hz / ticks : 0), tail }'
}

# Lines of load(), several rounds in the order of the rounds, as a table; ratios against each yardstick of the same round.
table() {
    awk '
    function summary(list, shape,   n, values, i, j, v) {
        n = split(list, values, " ")
        for (i = 2; i <= n; i++) {
            v = values[i] + 0
            for (j = i - 1; j > 0 && values[j] + 0 > v; j--) values[j + 1] = values[j]
            values[j + 1] = v
        }
        return sprintf(shape " / " shape " / " shape, values[1], values[int((n + 1) / 2)], values[n])
    }
    {
        cell = $1 " " $2 " " $3
        if (!(cell in seen)) { seen[cell] = 1; order[++cells] = cell }
        for (i = 4; i <= 10; i++) figures[cell, i] = figures[cell, i] " " $i
        failed[cell] += $9
    }
    END {
        print "| server | body | connections | calls/s | calls/CPU-s | p50 | p99 | p99.9 | failed | peak MB |"
        print "|---|---|---|---|---|---|---|---|---|---|"
        for (c = 1; c <= cells; c++) {
            cell = order[c]; split(cell, name, " ")
            printf "| %s | %s | %s |", name[1], name[2], name[3]
            for (i = 4; i <= 8; i++) printf " %s |", summary(figures[cell, i], "%d")
            n = split(figures[cell, 10], peaks, " "); top = 0
            for (i = 1; i <= n; i++) if (peaks[i] + 0 > top) top = peaks[i] + 0
            printf " %d | %.0f |\n", failed[cell], top / 1024
        }
        print "\n| body | connections | ours / value: calls/CPU-s | ours / views: calls/CPU-s | ours / value: p99 |"
        print "|---|---|---|---|---|"
        for (c = 1; c <= cells; c++) {
            cell = order[c]; split(cell, name, " ")
            if (name[1] != "ours") continue
            rest = name[2] " " name[3]
            if (!(("value " rest) in seen)) continue
            printf "| %s | %s |", name[2], name[3]
            ratios("value " rest, cell, 5); ratios("views " rest, cell, 5); ratios("value " rest, cell, 7); print ""
        }
    }
    function ratios(other, cell, i,   n, a, b, k, list) {
        n = split(figures[cell, i], a, " "); split(figures[other, i], b, " ")
        for (k = 1; k <= n; k++) list = list " " (b[k] > 0 ? a[k] / b[k] : 0)
        printf " %s |", summary(list, "%.2f")
    }'
}

echo "## Against the yardsticks: $ROUNDS rounds of $SECONDS_A_RUN s"
echo
for body in small 20KB 200KB order; do
    path=$PATIENT_VIEW
    [[ $body == order ]] && path=$ORDER_SELECT
    for connections in 1 16 256; do
        for _ in $(seq "$ROUNDS"); do
            start_ours; load ours $body $connections "$path"; stop
            start_yardstick; load value $body $connections value; load views $body $connections views; stop
        done
    done
done | table

echo
echo "## With tokens, each used once: 20KB at 16 connections"
echo
for _ in $(seq "$ROUNDS"); do
    "$BUILT/examples/load_tokens" "$WORK" "https://cds.example.org/$PATIENT_VIEW" "$(date -u +%FT%TZ)" $((SECONDS_A_RUN * 12000))
    start_ours; load none 20KB 16 $PATIENT_VIEW; stop
    for algorithm in ES384 RS384; do
        configured "$algorithm"
        start "$BUILT/spinal-mets-cds" serve --config "$WORK/config.toml"
        load "$algorithm" 20KB 16 $PATIENT_VIEW "$WORK/$algorithm.tokens"
        stop
    done
done | table

echo
echo "## Memory with large bodies: 8MB at 8 connections"
echo
start_ours; load ours 8MB 8 $PATIENT_VIEW | table; stop
