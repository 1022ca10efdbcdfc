#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The lifeline of one VM: it starts the VM's programs for the JVM and takes them along when it, or the JVM, ends.
#
# Two roles of one file, both POSIX sh (dash, bash and busybox are tested):
#
#   lifeline   reads requests from its standard input, a pipe that only the JVM holds at the other end; the end of that
#              pipe is the order to tear everything down, however the JVM ended
#   keeper     one for each program: its parent, which waits for it and reports how it ended
#
# Who dies with whom is the kernel's business: keeper and program both carry the parent-death signal KILL, so that kill -9 of
# the lifeline kills the keepers and with them the programs. (A JVM cannot use that signal itself: it is tied to the thread that
# started the child, not to the process. Here each process has one thread.)
#
# Requests:  spawn NAME    start what FOLDER/NAME.start says
#            keep          leave the state folder in place at the end
#            detach [NAME] outlive the JVM until NAME (or everything) has ended; SIGTERM then means tear down
# Answers:   lifeline PID, started NAME PID, exited NAME CODE, detached

# shellcheck disable=SC2317 # the functions are called through the role
set -u
umask 077
role=$1 folder=$2 steps=$3 setpriv=$4 shell=$5
step=0.05

# Whether a process is still a child of ours. A shell may have reaped a keeper long ago, and its number may be somebody else's now.
mine() {
    { read -r _ _ _ parent _ < "/proc/$1/stat"; } 2> /dev/null && [ "$parent" = "$$" ]
}

# ---- the lifeline ------------------------------------------------------------------------------------------------------------

spawn() {
    # In the subshell what the lifeline ignores is reset: an ignored signal would stay ignored in every program.
    # shellcheck disable=SC2086 # the shell may be two words, such as "busybox sh"
    (
        trap - PIPE HUP TERM
        exec 3<&-
        exec "$setpriv" --pdeathsig KILL $shell "$folder/lifeline.sh" keeper "$folder" "$steps" "$setpriv" "$shell" "$1" "$$"
    ) &
    keepers="$1:$! $keepers"
}

# Lets go of the JVM's pipes, also in the keepers, so that nothing in the JVM waits for their end.
detach() {
    until=$1
    detached=1
    trap 'finish' TERM
    echo detached
    exec > /dev/null
    for entry in $keepers; do
        mine "${entry##*:}" && kill -USR1 "${entry##*:}"
    done
}

# Waits for the keeper of one program, or for all.
await_end() {
    for entry in $keepers; do
        case $entry in
            "${1:-${entry%:*}}":*) mine "${entry##*:}" && wait "${entry##*:}" ;;
        esac
    done
}

# Newest first; each keeper kills its program after the grace, so each wait ends.
finish() {
    trap '' TERM
    for entry in $keepers; do
        mine "${entry##*:}" && kill -TERM "${entry##*:}" && wait "${entry##*:}"
    done
    cd /
    # Twice: a program that runs as another user may have been writing while the first pass went through.
    [ -n "$keep" ] || rm -rf "$folder" || rm -rf "$folder"
    exit 0
}

lifeline() {
    # Without ignoring PIPE the first message to a JVM that has gone would end this shell before it has removed the folder.
    trap '' PIPE HUP INT TERM
    exec 3<&0 < /dev/null 2> "$folder/lifeline.stderr"
    keepers='' keep='' detached='' until=''
    # busybox has a setpriv that lacks the one option needed here
    "$setpriv" --pdeathsig KILL true || exit 1
    echo "lifeline $$"
    while read -r verb name <&3; do
        case $verb in
            spawn) spawn "$name" ;;
            keep) keep=1 ;;
            detach) detach "$name" ;;
        esac
    done
    [ -z "$detached" ] || await_end "$until"
    finish
}

# ---- a keeper ----------------------------------------------------------------------------------------------------------------

# The way down for the program: TERM, a grace, KILL. It runs inside the trap, so that a TERM that comes just before the wait below
# is not lost. Every sleep also lets the shell reap the program, after which kill -0 fails.
ladder() {
    told=1
    kill -TERM "$child" 2> /dev/null || return 0
    left=$steps
    while [ "$left" -gt 0 ] && kill -0 "$child" 2> /dev/null; do
        sleep "$step"
        left=$((left - 1))
    done
    kill -KILL "$child" 2> /dev/null
}

keeper() {
    name=$1
    # The lifeline may have died before the parent-death signal was set; then we have another parent by now.
    [ "$PPID" = "$2" ] || exit 1
    trap '' PIPE HUP
    # The file ends in an exec, and the same question about the parent is asked there.
    # shellcheck disable=SC1090
    (
        trap - PIPE HUP
        . "$folder/$name.start"
    ) < /dev/null > "$folder/$name.stdout" 2> "$folder/$name.stderr" &
    child=$!
    trap 'ladder' TERM
    trap 'exec > /dev/null' USR1
    echo "started $name $child"
    # A wait that a signal interrupts returns 128 + its number, a wait for a child already waited for returns 127 or the same again:
    # the code is the last one that is not 127, and a real 127 is what it starts with.
    code=127
    while :; do
        told=
        wait "$child"
        status=$?
        [ "$status" -eq 127 ] || code=$status
        [ -z "$told" ] || continue
        kill -0 "$child" 2> /dev/null || break
    done
    echo "exited $name $code"
}

shift 5
"$role" "$@"
exit
