/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.internal.mount.GuestMount;

/**
 * The scripts of a {@link MountPlan}. They run in the control loop's shell: busybox, or in a guest with its own initrd whatever its
 * {@code sh} is. What they print is shown where they fail.
 */
final class MountScripts {
    static final String NEW_ROOT = "/newroot";
    static final String NIX_VAR = "/nix/var";

    /** The guest's root has a home of its own: the host's is private, and an unprivileged QEMU could not even look into it. */
    static final String ROOT_HOME = "/root";

    private MountScripts() {}

    /**
     * The host's root stays read-only; what the guest writes goes to memory.
     *
     * <p>{@code cache=none}: the host's root does change while guests run (packages are upgraded), and {@code loose} would show old
     * and torn files. It would also gain nothing here: putting the root together takes 0.27 s of CPU time with either, running
     * {@code /bin/true} 60 ms and 57 ms (TCG, means of four boots).
     */
    static final String ROOT = """
            mkdir -p /lower /upper /newroot
            mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=131072,cache=none,access=any microvm-root /lower || exit 1
            mount -t tmpfs -o mode=0755 microvm-upper /upper || exit 1
            mkdir /upper/data /upper/work
            mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work microvm-root /newroot
            """;

    /** The library's own things move along, for busybox has what the loop needs whatever the root has. */
    static final String RUN_AND_TMP = """
            cd /newroot && mkdir -p proc sys dev run tmp || exit 1
            mount -t tmpfs -o mode=0755 run run || exit 1
            mount -t tmpfs -o mode=1777 tmp tmp || exit 1
            mkdir -m 0755 run/microvm
            cp /run/microvm/busybox /run/microvm/init /run/microvm/agent run/microvm/
            """;

    /** An empty {@code /nix/var} hides the host's Nix database; a guest without {@code /nix} needs none. */
    static final String EMPTY_NIX_VAR = """
            mkdir -p /nix/var 2>/dev/null || exit 0
            mount -t tmpfs -o mode=0755 microvm-empty /nix/var
            """;

    /** {@return what prepares and does a mount} */
    static String of(GuestMount mount) {
        if (mount.where().equals(NIX_VAR) && mount instanceof GuestMount.OfEmptyFolder) {
            return EMPTY_NIX_VAR;
        }
        String prepared = MountPreparation.of(mount);
        String where = ShellText.quote(mount.where());
        String options = ShellText.quote(String.join(",", mount.options()));
        if (mount instanceof GuestMount.OfVolume volume) {
            return disk(volume.volume().guestSerial().orElseThrow()) + prepared + "mount -t " + mount.type() + " -o "
                    + options + " -- \"$device\" " + where + " || exit 1\n" + settled(volume);
        }
        String type = mount instanceof GuestMount.OfPersistence ? "" : "-t " + mount.type() + " ";
        return prepared + "mount " + type + "-o " + options + " -- " + ShellText.quote(mount.what()) + " " + where
                + "\n";
    }

    /** Init and control loop freeze what is written down here before they power the guest off. */
    private static String settled(GuestMount.OfVolume volume) {
        return volume.volume().readOnly()
                ? ""
                : "printf '%s\\n' " + ShellText.quote(volume.where()) + " >>/run/microvm/volumes\n";
    }

    /** The serial number's file has no newline at its end, so "read" would call it incomplete; ten seconds, should the host be loaded. */
    private static String disk(String serial) {
        String quoted = ShellText.quote(serial);
        return "device= tries=0\n"
                + "while :; do\n"
                + "    for disk in /sys/block/vd*; do\n"
                + "        [ \"$(cat \"$disk/serial\" 2>/dev/null)\" = " + quoted + " ] && device=/dev/${disk##*/}\n"
                + "    done\n"
                + "    [ -z \"$device\" ] || break\n"
                + "    tries=$((tries + 1))\n"
                + "    [ $tries -lt 100 ] || { echo 'no disk has the serial number '" + quoted + "; exit 1; }\n"
                + "    sleep 0.1 || sleep 1\n"
                + "done\n";
    }

    static String hostName(String name) {
        return "hostname " + ShellText.quote(name) + "\nip link set lo up\n"
                // Else everything that asks for its own address waits for a name server.
                + "printf '127.0.1.1\\t%s\\n' " + ShellText.quote(name) + " >>/etc/hosts\n";
    }

    /** The fixed addresses of QEMU's user network: no DHCP client, no wait. (QEMU manual, "Using the user mode network stack".) */
    static String userNetwork(String mac) {
        return "for port in /sys/class/net/*; do\n"
                + "    read -r mac <\"$port/address\" && [ \"$mac\" = " + mac + " ] && device=${port##*/}\n"
                + "done\n"
                + "[ -n \"${device:-}\" ] || { echo 'no network interface has the address " + mac + "'; exit 1; }\n"
                + "ip address add 10.0.2.15/24 dev \"$device\" && ip link set \"$device\" up &&\n"
                + "    ip route add default via 10.0.2.2 || exit 1\n"
                // Often a link into /run, which is empty here.
                + "rm -f /etc/resolv.conf\n"
                + "echo 'nameserver 10.0.2.3' >/etc/resolv.conf\n";
    }
}
