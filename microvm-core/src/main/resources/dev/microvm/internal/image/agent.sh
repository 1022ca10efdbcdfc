#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The control loop of a guest: agent STAGE CONTROL-PORT [FOLDER]. The protocol is docs/guest-control.md. It needs a POSIX sh,
# setsid, cat, mkfifo, rm, sleep and sync.
#
# One process reads the control port; eight workers, one for each slot, run commands. They are the members of one pipeline, for those
# are started with their signals as they were: a shell lets what it starts with "&" ignore SIGINT and SIGQUIT, and no shell can
# undo that.
#
# A command does not get the ports themselves but FIFOs with a "cat" behind each: a port can be opened once at a time, and so
# "echo error >/dev/stderr", which opens it again, would fail with "Device or resource busy".
#
# Descriptors of a worker: 0 jobs, 3 control port, 4 and 5 output ports, 6 and 7 FIFOs for writing, 8 and 9 FIFOs for reading.

stage=$1
control=$2
home=${3:-/run/microvm}
ports=${MICROVM_PORTS:-/sys/class/virtio-ports}
devices=${MICROVM_DEVICES:-/dev}
busybox=
[ -x "$home/busybox" ] && busybox=$home/busybox
newline='
'

# One write for each line: the members of the pipeline share the port.
say() {
    printf '%s\n' "$*" >&3
}

# Sets port to the device of a port.
find_port() { # NAME
    for port in "$ports"/*; do
        read -r name 2>/dev/null <"$port/name" || continue
        [ "$name" = "$1" ] && port=$devices/${port##*/} && return
    done
    return 1
}

# Ports are announced one by one, so the first command may come before the last port.
find_ports() { # SLOT
    [ -n "$err_port" ] && return
    find_port "microvm.$1.in" && in_port=$port && find_port "microvm.$1.out" && out_port=$port &&
        find_port "microvm.$1.err" && err_port=$port
}

# A port whose host side is not there yet reads as end of file, so the line "go NONCE" is waited for.
feed() {
    tries=0
    until IFS= read -r line && [ "$line" = "go $nonce" ]; do
        tries=$((tries + 1))
        [ $tries -lt 50 ] || sleep 0.01 || sleep 1
    done
    exec cat
}

start_session() {
    setsid $busybox sh "$slot.sh" >&6 2>&7 6>&- 7>&-
    code=$?
}

with_input() {
    # A new one each time: a process that an earlier command left behind may hold the old one.
    rm -f "$slot.in"
    mkfifo -m 666 "$slot.in"
    {
        feed <"$in_port" >&9 3>&- 6>&- 7>&- 8<&- 9>&- &
        feeder=$!
        exec 9>&-
        start_session <&8 8<&-
        # It may still wait for data that nobody will read.
        kill $feeder
        wait $feeder
    } 9<>"$slot.in" 8<"$slot.in"
}

# Fails if an output port is held open by what an earlier command left behind. The FIFOs are opened for reading and writing first:
# to rely on the other side's open is a race with the "cat" of the command before.
run_job() {
    opened=
    {
        opened=yes
        # Both streams begin with the nonce: what is still under way from an earlier command ends there.
        printf %s "$nonce" >&4
        printf %s "$nonce" >&5
        cat <&8 >&4 3>&- 4>&- 5>&- 6>&- 7>&- 8<&- 9<&- &
        cat <&9 >&5 3>&- 4>&- 5>&- 6>&- 7>&- 8<&- 9<&- &
        exec 4>&- 5>&- 8<&- 9<&-
        if [ "$input" = i ]; then with_input; else start_session </dev/null; fi
        : >"$slot.pid"
        printf %s "$nonce" >&6
        printf %s "$nonce" >&7
    } 4>"$out_port" 5>"$err_port" 6<>"$slot.out" 7<>"$slot.err" 8<"$slot.out" 9<"$slot.err"
    [ -n "$opened" ]
}

worker() { # SLOT; reads jobs, "ID IN NONCE"
    slot=$home/slot.$1
    err_port=
    while read -r id input nonce; do
        tries=0
        # The "cat" of the command before may be about to end.
        until find_ports "$1" && run_job; do
            tries=$((tries + 1))
            [ $tries -lt 10 ] || break
            sleep 0.01 || sleep 1
        done
        if [ $tries -lt 10 ]; then say "exit $id $code"; else say "busy $id"; fi
    done
}

# In this process, so nothing else is read meanwhile.
run() { # ID TEXT
    output=$(
        exec </dev/null 3>&- 2>&1
        eval "$(printf %b "$2")"
    )
    code=$?
    while [ -n "$output" ]; do
        say "out $1 ${output%%"$newline"*}"
        case $output in
            *"$newline"*) output=${output#*"$newline"} ;;
            *) output= ;;
        esac
    done
    say "done $1 $code"
}

# The command itself says which process it is; after that it has no way to the control port.
start() { # ID "SLOT IN NONCE TEXT"
    number=${2%% *}
    text=${2#* }
    input=${text%% *}
    text=${text#* }
    nonce=${text%% *}
    eval "id_$number=$1"
    {
        printf 'echo $$ >%s.pid; echo "started %s $$" >&3; exec 3>&-\n' "$home/slot.$number" "$1"
        printf %b "${text#* }"
    } >"$home/slot.$number.sh"
    printf '%s %s %s\n' "$1" "$input" "$nonce" >"$home/slot.$number.job"
}

signal() { # ID NAME
    for number in 0 1 2 3 4 5 6 7; do
        eval "id=\$id_$number"
        [ "$id" = "$1" ] && read -r pid <"$home/slot.$number.pid" && kill "-$2" "-$pid" && say "sent $1" && return
    done
    say "gone $1"
}

power() { # ID off|reboot
    case $2 in
        off) action=poweroff ;;
        reboot) action=reboot ;;
        *) say "done $1 2" && return ;;
    esac
    say "done $1 0"
    sync
    $busybox $action -f
}

loop() {
    say "microvm 1 $stage"
    while :; do
        # End of file: the host has closed its side. It may come back, for a VM can outlive the program that started it.
        IFS= read -r line <&3 || { sleep 1 && continue; }
        verb=${line%% *}
        rest=${line#* }
        id=${rest%% *}
        rest=${rest#* }
        case $verb in
            ping) say "pong $id" ;;
            exec) start "$id" "$rest" ;;
            run) run "$id" "$rest" ;;
            signal) signal "$id" "$rest" ;;
            power) power "$id" "$rest" ;;
            enter) printf '%s\n' "$rest" >"$home/enter" && break ;;
            *) say "unknown $id $verb" ;;
        esac
    done
    kill -KILL 0 # the workers too
}

exec 3<>"$control" || exit 1
for number in 0 1 2 3 4 5 6 7; do
    : >"$home/slot.$number.pid"
    for end in out err job; do
        [ -p "$home/slot.$number.$end" ] || mkfifo -m 666 "$home/slot.$number.$end" || exit 1
    done
done
{ worker 0 <>"$home/slot.0.job" | worker 1 <>"$home/slot.1.job" | worker 2 <>"$home/slot.2.job" |
    worker 3 <>"$home/slot.3.job" | worker 4 <>"$home/slot.4.job" | worker 5 <>"$home/slot.5.job" |
    worker 6 <>"$home/slot.6.job" | worker 7 <>"$home/slot.7.job" | loop; } 2>/dev/null
