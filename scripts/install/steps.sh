# shellcheck shell=sh
# Part of install.sh: long steps that show they live, stop on Ctrl-C and explain failures.

children() {
    grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status | cut -d / -f 3
}

# A process, its children, theirs, and so on.
family() {
    echo "$1"
    for child in $(children "$1"); do family "$child"; done
}

# Background jobs of a script do not hear Ctrl-C: pass it on, to all that they started, and
# wait until nothing writes any more, up to 5 s.
stop_job() {
    [ -n "$job" ] || return 0
    stopped=$(family "$job")
    for process in $stopped; do kill "$process" 2>/dev/null || true; done
    wait "$job" 2>/dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        living=
        for process in $stopped; do ! kill -0 "$process" 2>/dev/null || living=yes; done
        [ -n "$living" ] || return 0
        sleep 0.5
    done
}

interrupted() {
    trap - INT TERM HUP
    stop_job
    fail 130 "Interrupted. What was there before still works." "$(again)    (goes on where it stopped)"
}

# step TITLE SECONDS COMMAND…: run it with its output in the log, and never be silent.
step() {
    title=$1
    estimate=$2
    shift 2
    started=$(date +%s)
    first_line=$(($(wc -l <$log) + 1))
    printf '== %s: %s\n' "$(date '+%F %T')" "$title" >>$log
    say "$title" | fold -s -w 78
    [ -t 1 ] || say "      takes about $estimate s; log: $log"
    (
        set -e
        "$@"
    ) >>$log 2>&1 </dev/null &
    job=$!
    tick
    status=0
    wait $job || status=$?
    job=
    [ ! -t 1 ] || printf '\r%79s\r' ''
    elapsed=$(($(date +%s) - started))
    [ $status -eq 0 ] || explain_failure
    say "      done in $elapsed s"
}

tick() {
    shown=0
    while kill -0 $job 2>/dev/null; do
        elapsed=$(($(date +%s) - started))
        if [ -t 1 ]; then
            printf '\r      %s s of about %s s; log: %s ' "$elapsed" "$estimate" $log
        elif [ $elapsed -ge $((shown + 10)) ]; then
            say "      $elapsed s of about $estimate s"
            shown=$elapsed
        fi
        sleep 0.2
    done
}

explain_failure() {
    output=$(tail -n "+$first_line" $log)
    say "      failed after $elapsed s. The last lines of $log:"
    printf '%s\n' "$output" | tail -n 12 | cut -c 1-200 | sed 's/^/      | /'
    case $output in
    *"No space left on device"*)
        reason="The disk is full."
        next="sudo apt-get clean; sudo du -xhd2 / | sort -h | tail    (shows what fills it), then: $(again)"
        ;;
    *"Could not resolve"* | *"Temporary failure"* | *"Network is unreachable"* | *"Failed to fetch"* | \
        *"Could not connect"* | *"timed out"* | *"NewConnectionError"* | *"No matching distribution"*)
        reason="A package archive could not be reached."
        next="check this host's network and name resolution (getent hosts debian.org pypi.org), then: $(again)"
        ;;
    *"HASHES"*)
        reason="A downloaded file is not the one that was published: it was changed or cut off on its way."
        next="$(again)    (fetches it again)"
        ;;
    *)
        reason="This step failed: $title."
        next="read $log$(has_systemd || echo " and $engine_log"), then: $(again)"
        ;;
    esac
    fail $outside_failed "$reason Nothing that worked before was changed." "$next"
}
