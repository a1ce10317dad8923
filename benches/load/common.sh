# What the load scripts share: where things are, servers on a core of their own, and figures of a process.
# The scripts load the machine itself over loopback; one core is the server's, another the generator's.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly BUILT=$(realpath "${CARGO_TARGET_DIR:-target}")/release
readonly PORT=18180
readonly PATIENT_VIEW=cds-services/spinal-metastases-patient-view
readonly ORDER_SELECT=cds-services/spinal-metastases-order-select
readonly WORK=$(mktemp -d)

# The Debian packages of the load generators, and the programs. Bodies carry today's date, so that each call gives its card.
prepare() {
    local package today
    for package in wrk hey; do
        command -v "$package" >/dev/null || { apt-get update -qq && apt-get install -y -qq "$package" >/dev/null; }
    done
    cargo build --release --quiet --bins --examples
    today=$(date -u +%F)
    "$BUILT/examples/profile" body 0 1 | sed "s/2026-05-04/$today/" >"$WORK/small"
    "$BUILT/examples/profile" body 4 1 | sed "s/2026-05-04/$today/" >"$WORK/20KB"
    "$BUILT/examples/profile" body 40 1 | sed "s/2026-05-04/$today/" >"$WORK/200KB"
    "$BUILT/examples/profile" body 1100 1 | sed "s/2026-05-04/$today/" >"$WORK/8MB"
    "$BUILT/examples/profile" order 4 1 | sed "s/2026-05-04/$today/" >"$WORK/order"
}

# Starts a server on the first core, waits for it, and names its process in $server. It works in a folder of its own.
start() {
    if curl -s -o /dev/null "http://127.0.0.1:$PORT/"; then
        echo "something answers on port $PORT already" >&2
        return 1
    fi
    (cd "$WORK" && exec taskset -c 0 "$@") >/dev/null 2>&1 &
    server=$!
    echo "$server" >"$WORK/server"
    local tries
    for tries in $(seq 100); do
        kill -0 "$server" 2>/dev/null || break
        curl -s -o /dev/null "http://127.0.0.1:$PORT/" && return
        sleep 0.05
    done
    echo "no answer from: $*" >&2
    return 1
}

start_ours() { start "$BUILT/spinal-mets-cds" serve --listen "127.0.0.1:$PORT"; }
start_yardstick() { start "$BUILT/examples/yardstick" "127.0.0.1:$PORT" 1; }

stop() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -f "$WORK/server"
}
# Whatever runs at the end, also in a part of a pipe, is stopped.
trap '[[ ! -e $WORK/server ]] || kill "$(cat "$WORK/server")" 2>/dev/null || true; rm -rf "$WORK"' EXIT

# Writes the configuration of a server whose only client signs with that algorithm.
configured() {
    cat >"$WORK/config.toml" <<TOML
listen = "127.0.0.1:$PORT"
public_base_url = "https://cds.example.org"
behind_proxy = true
[[clients]]
name = "$1"
issuer = "https://$1.example.org"
jwks_file = "$WORK/$1.jwks"
[facility]
sbrt_available = true
time_zone = "UTC"
[store]
url = "sqlite://$WORK/store.db"
TOML
}

# CPU time of a process so far, in clock ticks; its memory now and at its highest, in KB.
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
memory() { awk '/VmRSS/ {print $2}' "/proc/$1/status"; }
peak() { awk '/VmHWM/ {print $2}' "/proc/$1/status"; }
# The highest begins anew.
forget_peak() { echo 5 >"/proc/$1/clear_refs"; }
