# shellcheck shell=sh
# Part of install.sh: Docker Engine. One that came from elsewhere is never touched.

# Asks the way the program will: over DOCKER_HOST or the usual socket.
engine_answers() {
    asker=$python
    if [ ! -x "$asker" ] && ! asker=$(command -v python3); then
        seems_to_answer
        return
    fi
    "$asker" - <<'PROGRAM' 2>/dev/null
import http.client, os, socket, sys, urllib.parse
url = urllib.parse.urlsplit(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")
if url.scheme == "ssh":
    sys.exit(os.system("timeout 15 docker version >/dev/null 2>&1") != 0)
connection = http.client.HTTPConnection(url.hostname or "localhost", url.port or 2375, timeout=10)
if url.scheme == "unix":
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(10)
    try:
        connection.sock.connect(url.path)
    except PermissionError:
        sys.exit(0)  # it is there; only a dry run gets here without root
connection.request("GET", "/_ping")
sys.exit(connection.getresponse().status != 200)
PROGRAM
}

# Before there is a Python to ask with; it is asked again when there is one.
seems_to_answer() {
    if command -v docker >/dev/null; then
        timeout 15 docker version >/dev/null 2>&1
    else
        ! is_installed docker.io && [ -S /var/run/docker.sock ]
    fi
}

is_engine_command_present() {
    command -v docker >/dev/null || command -v dockerd >/dev/null || [ -n "${DOCKER_HOST:-}" ]
}

# Sets engine: running, stopped (the distribution's), foreign (not ours to start), absent.
look_for_engine() {
    if engine_answers; then
        engine=running
    elif is_installed docker.io && [ -z "${DOCKER_HOST:-}" ]; then
        engine=stopped
    elif is_engine_command_present; then
        engine=foreign
    else
        engine=absent
    fi
}

check_engine() {
    [ "$engine" != foreign ] || fail $needs_person \
        "Docker is installed here, but not from this distribution's packages, and it does not answer${DOCKER_HOST:+ at $DOCKER_HOST}. install.sh leaves such a Docker alone." \
        "start it (sudo systemctl start docker; for snap: sudo snap start docker; for Podman: sudo systemctl start podman.socket), then: $(again)"
}

has_systemd() {
    [ -d /run/systemd/system ]
}

start_by_systemd() {
    systemctl enable docker.service
    systemctl start docker.service
    wait_for_engine
}

# A container that was killed leaves the old process id behind, and by now the
# number may belong to anybody: dockerd would refuse to start.
forget_stale_pid() {
    [ -e /run/docker.pid ] || return 0
    [ "$(cat "/proc/$(cat /run/docker.pid)/comm" 2>/dev/null)" = dockerd ] || rm -f /run/docker.pid
}

start_directly() {
    forget_stale_pid
    # It must outlive this script, its terminal and its lock.
    setsid dockerd >>$engine_log 2>&1 </dev/null 9>&- &
    wait_for_engine
}

wait_for_engine() {
    tries=0
    until engine_answers; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || return 1
        sleep 0.5
    done
}

start_engine() {
    [ "$engine" != running ] || return 0
    if has_systemd; then
        step "Starting Docker Engine" 10 start_by_systemd
    else
        step "Starting Docker Engine (its log: $engine_log)" 5 start_directly
    fi
    engine=running
}
