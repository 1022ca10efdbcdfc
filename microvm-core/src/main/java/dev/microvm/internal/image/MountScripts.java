/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;

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
            mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=none microvm-root /lower || exit 1
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

    static String emptyFolder(String path) {
        return makeMountPoint(path) + "mount -t tmpfs -o mode=0755 microvm-empty " + ShellText.quote(path) + "\n";
    }

    static String share(Share share, String path) {
        String mount = share instanceof NinePShare ninep
                ? "mount -t 9p -o " + ninep.mountOptions()
                : "mount -t virtiofs -o " + (share.readOnly() ? "ro" : "rw");
        return makeMountPoint(path) + mount + " -- " + ShellText.quote(share.tag()) + " " + ShellText.quote(path)
                + "\n";
    }

    static String overlay(StoreOverlay overlay) {
        String options = "lowerdir=" + escape(overlay.lower()) + ",upperdir=" + escape(overlay.upper() + "/store")
                + ",workdir=" + escape(overlay.upper() + "/work");
        String upper = ShellText.quote(overlay.upper());
        return makeMountPoint(overlay.upper()) + "mount -t tmpfs -o mode=0755 microvm-overlay " + upper + " || exit 1\n"
                + "mkdir " + upper + "/store " + upper + "/work || exit 1\n" + makeMountPoint(overlay.mountPoint())
                + "mount -t overlay -o " + ShellText.quote(options) + " -- microvm-overlay "
                + ShellText.quote(overlay.mountPoint()) + "\n";
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

    private static String makeMountPoint(String path) {
        return "mkdir -p " + ShellText.quote(path)
                + " || { echo 'the mount point is not there and cannot be made'; exit 1; }\n";
    }

    /** What separates options and layers, as overlayfs reads it. (Linux, fs/overlayfs/params.c, ovl_unescape.) */
    private static String escape(String path) {
        return path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
    }
}
