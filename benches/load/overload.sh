#!/usr/bin/env bash
# The service past its limit: how fast are the calls that are answered, what becomes of the others, and is all as before
# afterwards? With `soak MINUTES` the load is half of what can be carried, and memory is printed every minute.
#
#   benches/load/overload.sh [SECONDS]
#   benches/load/overload.sh closed [ROUNDS]      16 and 256 connections that never pause
#   benches/load/overload.sh forged [SECONDS]     calls with good tokens beside as many with forged or no tokens as can be sent
#   benches/load/overload.sh soak MINUTES
#
# Calls without any answer are no line of the generator's and would show as calls/s below what was asked for.
# Latency is measured by the generator, from sending a call to having its answer, in milliseconds.
set -euo pipefail
source "$(dirname "$0")/common.sh"
prepare
readonly URL="http://127.0.0.1:$PORT/$PATIENT_VIEW"

# Sends calls of 29 KB: SECONDS CONNECTIONS CALLS-A-SECOND. Leaves one line a call in $WORK/calls.csv.
send() {
    taskset -c 1 hey -z "${1}s" -c "$2" -q "$(awk -v rate="$3" -v c="$2" 'BEGIN { print rate / c }')" -m POST \
        -T application/json -D "$WORK/20KB" -o csv "$URL" >"$WORK/calls.csv"
}

# NAME SECONDS: how many calls had which status, and their latencies. The first second is left out: a queue may stand for a
# quarter of a second before calls are turned away.
row() {
    awk -F, -v name="$1" -v seconds="$(($2 - 1))" '
    NR > 1 && $8 >= 1 { total++; if ($7 == 200) print $1 > "'"$WORK/answered"'"; else others[$7]++; if ($7 == 200) answered++ }
    END {
        printf "| %s | %.0f | %.0f |", name, total / seconds, answered / seconds
        for (status in others) printf " %s × %s", others[status], status
        printf " |"
    }' "$WORK/calls.csv"
    touch "$WORK/answered"
    sort -n "$WORK/answered" | awk '{ t[NR] = $1 * 1000 }
        function at(p) { i = int(NR * p); return t[i < 1 ? 1 : i] }
        END { printf " %.2f | %.2f | %.2f |\n", at(0.5), at(0.99), at(0.999) }'
    rm -f "$WORK/answered"
}

# What every load of wrk sends: a call of 29 KB.
readonly LUA_HEAD="wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.body = io.open('$WORK/20KB'):read('a')"

# The most calls a second, with 16 connections that wait for their answers.
saturation() {
    cat >"$WORK/full.lua" <<LUA
$LUA_HEAD
LUA
    taskset -c 1 wrk -t1 -c16 -d3s -s "$WORK/full.lua" "$URL" | awk '/Requests\/sec/ { printf "%d", $2 }'
}

in_flight() { curl -s "http://127.0.0.1:$PORT/metrics" | awk '/^spinal_mets_cds_calls_in_flight/ { print $2 }'; }

# Sends without a pause: CONNECTIONS SECONDS [LUA]. One line: answered, failed, p50 and p99 in milliseconds.
closed() {
    cat >"$WORK/closed.lua" <<LUA
$LUA_HEAD
${3-}
done = function(summary, latency)
    local e = summary.errors
    io.write(string.format("%d %d %.1f %.1f\n", summary.requests - e.status, e.status + e.connect + e.read + e.timeout,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
LUA
    taskset -c 1 wrk -t1 -c"$1" -d"${2}s" --timeout 10s -s "$WORK/closed.lua" "$URL" | tail -1
}

if [[ ${1-} == closed ]]; then
    start_ours
    echo "| connections | answered/s | answered/CPU-s | failed | p50 | p99 |"
    echo "|---|---|---|---|---|---|"
    for _ in $(seq "${2:-3}"); do
        for connections in 16 256; do
            before=$(ticks "$server")
            read -r answered failed p50 p99 < <(closed $connections 5)
            awk -v n="$answered" -v ticks=$(($(ticks "$server") - before)) -v hz="$(getconf CLK_TCK)" -v f="$failed" \
                -v head="| $connections" -v tail="$p50 | $p99 |" \
                'BEGIN { printf "%s | %.0f | %.0f | %d | %s\n", head, n / 5, n * hz / ticks, f, tail }'
        done
    done
    exit
fi

if [[ ${1-} == forged ]]; then
    readonly SECONDS_OF_A_FLOOD=${2:-6}
    configured RS384
    "$BUILT/examples/load_tokens" "$WORK" "https://cds.example.org/$PATIENT_VIEW" "$(date -u +%FT%TZ)" 14000
    # A forged token is a good one whose signature is that of another.
    awk 'NR == 1 { split($0, first, "."); next } NR > 3000 { exit }
        { split($0, part, "."); print part[1] "." part[2] "." first[3] }' "$WORK/RS384.tokens" >"$WORK/forged.tokens"
    start "$BUILT/spinal-mets-cds" serve --config "$WORK/config.toml"
    # Sixteen connections that pause for 30 ms after each call, some 500 calls a second, each with a token of its own.
    with_tokens() {
        echo "local tokens = io.lines('$1')
            request = function()
                wrk.headers['Authorization'] = 'Bearer ' .. (tokens() or 'spent')
                return wrk.format()
            end
            delay = function() return $2 end"
    }
    split -n l/4 "$WORK/RS384.tokens" "$WORK/good."
    echo "| beside the good calls | good calls/s | answered | failed | p50 | p99 |"
    echo "|---|---|---|---|---|---|"
    good() {
        read -r answered failed p50 p99 < <(closed 16 "$SECONDS_OF_A_FLOOD" "$(with_tokens "$2" 30)")
        awk -v a="$answered" -v f="$failed" -v s="$SECONDS_OF_A_FLOOD" -v head="| $1" -v tail="$p50 | $p99 |" \
            'BEGIN { printf "%s | %.0f | %.1f %% | %d | %s\n", head, (a + f) / s, 100 * a / (a + f), f, tail }'
    }
    flood() {
        cat >"$WORK/flood.lua" <<LUA
$LUA_HEAD
$1
LUA
        taskset -c 1 wrk -t1 -c64 -d"$((SECONDS_OF_A_FLOOD + 2))s" -s "$WORK/flood.lua" "$URL" >"$WORK/flood" &
        flooding=$!
        sleep 1
    }
    good "nothing" "$WORK/good.aa"
    # How fast the flood was, below the row that it stands beside.
    ended() { wait "$flooding"; awk '/Requests\/sec/ { printf "| (%d such calls/s) | | | | | |\n", $2 }' "$WORK/flood"; }
    flood ""; good "calls without a token" "$WORK/good.ab"; ended
    flood "local list, i = {}, 0
        for line in io.lines('$WORK/forged.tokens') do list[#list + 1] = line end
        request = function() i = i % #list + 1; wrk.headers['Authorization'] = 'Bearer ' .. list[i]; return wrk.format() end"
    good "calls with a forged signature" "$WORK/good.ac"; ended
    good "nothing, afterwards" "$WORK/good.ad"
    exit
fi

start_ours
most=$(saturation)
echo "most that one core carries: $most calls/s"

if [[ ${1-} == soak ]]; then
    echo "| minute | calls/s | answered/s | others | p50 | p99 | p99.9 | memory MB |"
    echo "|---|---|---|---|---|---|---|---|"
    for minute in $(seq "${2:-30}"); do
        send 60 16 $((most / 2))
        row "$minute" 60 | tr -d '\n'
        awk -v kb="$(memory "$server")" 'BEGIN { printf " %.1f |\n", kb / 1024 }'
    done
    exit
fi

readonly SECONDS_A_RUN=${1:-10}
forget_peak "$server"
echo "| load | calls/s | answered/s | others | p50 | p99 | p99.9 |"
echo "|---|---|---|---|---|---|---|"
send "$SECONDS_A_RUN" 4 $((most / 10)); row "a tenth of it" "$SECONDS_A_RUN"
send "$SECONDS_A_RUN" 16 $((most / 2)); row "half of it" "$SECONDS_A_RUN"
for connections in 64 256; do
    send "$SECONDS_A_RUN" "$connections" $((most * 4))
    row "4 × it, on $connections connections" "$SECONDS_A_RUN"
done
echo "| in flight afterwards: $(in_flight) | | | | | | |"
send "$SECONDS_A_RUN" 4 $((most / 10)); row "a tenth again" "$SECONDS_A_RUN"
awk -v kb="$(peak "$server")" -v now="$(memory "$server")" 'BEGIN { printf "\npeak %.1f MB, afterwards %.1f MB\n", kb / 1024, now / 1024 }'
