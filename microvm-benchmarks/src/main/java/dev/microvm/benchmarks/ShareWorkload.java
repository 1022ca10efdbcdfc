/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

/**
 * What a guest does with a share. Each is a piece of shell that runs in the mounted folder; the guest's own clock takes the time around it,
 * so that neither the way to the guest nor the start of its shell is in it.
 */
enum ShareWorkload {
    /** From the call of mount(8) to the first listing. */
    MOUNT("mount and list", "cd / && umount $point", "$mount && ls $point >/dev/null"),
    READ_LARGE("read one large file, cold", Guest.FORGETS, "dd if=large of=/dev/null bs=1M"),
    WRITE_LARGE("write one large file, to the disk", "", "dd if=/dev/zero of=$own/large bs=1M count=$mib conv=fsync"),
    LIST_COLD("list and stat every file, cold", Guest.FORGETS, "ls -lR tree >/dev/null"),
    READ_SMALL_COLD("read every small file, cold", Guest.FORGETS, "find tree -type f -exec cat {} + >/dev/null"),
    READ_SMALL_WARM("read every small file again", "", "find tree -type f -exec cat {} + >/dev/null"),
    WRITE_SMALL("unpack small files", "", "tar --no-same-owner -xf /tmp/tree.tar -C $own"),
    REMOVE("remove them", "", "rm -r $own/tree");

    private static final class Guest {
        /** Pages, and the names and inodes too: all it has read. */
        private static final String FORGETS = "sync; echo 3 >/proc/sys/vm/drop_caches";
    }

    private final String title;
    private final String before;
    private final String timed;

    ShareWorkload(String title, String before, String timed) {
        this.title = title;
        this.before = before;
        this.timed = timed;
    }

    /** {@return what it is, for the tables} */
    String title() {
        return title;
    }

    /** {@return the script: it prints the nanoseconds it took, and fails where the workload does} */
    String script(ShareContestant contestant, int mib) {
        return String.join(
                        "\n",
                        "set -e",
                        "cd $point",
                        before,
                        "begin=$(date +%s%N)",
                        "{ " + timed + "; } 2>/tmp/said || { cat /tmp/said >&2; exit 1; }",
                        "end=$(date +%s%N)",
                        "echo $((end - begin))")
                .replace("$mount", contestant.mount())
                .replace("$point", contestant.mountPoint())
                .replace("$own", contestant.tag() + ".out")
                .replace("$mib", Integer.toString(mib));
    }
}
