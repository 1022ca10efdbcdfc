#!/run/microvm/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# Process 1 of a guest: once as /init of the initramfs, and again ("init microvm-root") in the root it has changed into.
# It prepares the machine, runs the control loop (the script "agent"), reaps what is orphaned (a shell that waits for a child in
# the foreground reaps every other one too), and powers the guest off when the loop has ended. See docs/guest-control.md.

home=/run/microvm
busybox=$home/busybox
# What commands find; the second half is for guests with a Nix profile. The kernel gave only HOME=/ and TERM=linux.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin
export HOME=/root USER=root LOGNAME=root
unset TERM
umask 022

# The host reads the console's tail, so an error has to be there before the guest goes: a start then fails at once.
die() {
    echo "microvm-init: $*" >/dev/console
    $busybox sleep 0.2 # the console is written by the kernel, later
    power_off
    exit 1 # no ACPI? Then the kernel panics, and QEMU ends by "panic=-1" and "-no-reboot".
}

power_off() {
    sync
    $busybox poweroff -f
}

# The power button (QMP system_powerdown) is an input device. Any event of it is a press.
power_button() {
    for device in /sys/class/input/event*; do
        read -r name 2>/dev/null <"$device/device/name" || continue
        case $name in
            "Power Button" | gpio-keys)
                # 24 bytes are one struct input_event: a shorter read would fail.
                $busybox dd "if=/dev/input/${device##*/}" of=/dev/null bs=24 count=1 2>/dev/null && power_off
                ;;
        esac
    done
}

prepare_initramfs() {
    $busybox mount -t proc proc /proc && $busybox mount -t sysfs sysfs /sys &&
        $busybox mount -t devtmpfs dev /dev || die "cannot mount /proc, /sys, /dev"
    for module in /modules/*; do
        # Modules are numbered in the order they need each other.
        [ -e "$module" ] || continue
        error=$(insmod "$module" 2>&1) || case $error in
            *"File exists"*) ;;
            *) die "cannot load module ${module##*/}: $error" ;;
        esac
    done
    mkdir -p /dev/pts /dev/shm
    mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
    mount -t tmpfs -o mode=1777 shm /dev/shm
    # The kernel's devtmpfs has no links for the standard streams; bash and scripts expect them.
    ln -sf /proc/self/fd /dev/fd
    ln -sf fd/0 /dev/stdin
    ln -sf fd/1 /dev/stdout
    ln -sf fd/2 /dev/stderr
}

# Ports are announced after their device is there. 10 s is far more than TCG needs on a loaded host.
find_control() {
    tries=0
    while :; do
        for port in /sys/class/virtio-ports/*; do
            read -r name 2>/dev/null <"$port/name" || continue
            [ "$name" = microvm.control ] && control=/dev/${port##*/} && [ -c "$control" ] && return
        done
        tries=$((tries + 1))
        [ $tries -lt 2000 ] || die "no virtio-serial port named microvm.control within 10 s: are virtio_console and the transport's module there?"
        usleep 5000
    done
}

change_root() {
    root=$1
    kill -KILL -1 # everything but this process
    for folder in proc sys dev; do
        $busybox mount --move "/$folder" "$root/$folder" || die "cannot move /$folder to $root/$folder"
    done
    # The path is needed: the applets of a shell are found by /proc, which has gone.
    exec $busybox switch_root "$root" $busybox sh $home/init microvm-root || die "cannot change into $root"
}

cd /
if [ "${1:-}" = microvm-root ]; then
    stage=root
else
    stage=initramfs
    prepare_initramfs
fi
find_control
power_button &

# In the foreground: what is started in the background ignores SIGINT and SIGQUIT for ever, and so would every command.
# The outer redirection keeps the shell's word "Killed" off the console.
{ $busybox setsid $busybox sh $home/agent "$stage" "$control" </dev/null >/dev/console 2>&1; } 2>/dev/null

if [ -s $home/enter ]; then
    IFS= read -r root <$home/enter
    rm $home/enter
    change_root "$root"
fi
die "the control loop ended"
