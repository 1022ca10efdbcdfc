/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.internal.guest.ExecScript;
import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.image.ShellText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a bare client needs to repeat what the library does: taken from a VM of the library, so that both do the same work.
 *
 * @param script the text of the VM's {@code run.sh}
 * @param stateFolder the VM's state folder, which the script names
 * @param uid the user QEMU runs as
 * @param gid the group QEMU runs as
 * @param mounts the lines for the control port that assemble the root, in order
 * @param exec the line that runs {@code true} in slot 0
 */
record ColdBootRecipe(String script, Path stateFolder, int uid, int gid, List<String> mounts, String exec) {
    /** The id of the exec, above those of the mounts. */
    static final int EXEC_ID = 1000;

    private static final ExecRequest TRUE = ExecRequest.of("true");
    private static final String NONCE = "0123456789abcdef0123456789abcdef";

    /** {@return whether QEMU runs as the user of this program} */
    boolean runsAsCaller() throws IOException {
        return uid == owner(Path.of("/proc/self"), "uid");
    }

    ColdBootRecipe {
        mounts = List.copyOf(mounts);
    }

    /**
     * {@return the recipe of {@link ColdBootOurs#spec()}, read from a VM that is started for that; it also fills the caches (initramfs, unpacked kernel,
     * probes) that both measurements find filled}
     *
     * @throws IOException if the VM's files cannot be read
     */
    static ColdBootRecipe record() throws IOException {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(ColdBootOurs.spec())) {
            vm.shell().exec(TRUE).orFail();
            Path folder = vm.stateFolder();
            Path ports = folder.resolve("ports");
            return new ColdBootRecipe(
                    Files.readString(folder.resolve("run.sh")),
                    folder,
                    owner(ports, "uid"),
                    owner(ports, "gid"),
                    mountLines(),
                    "exec " + EXEC_ID + " 0 - " + NONCE + " " + ShellText.encode(ExecScript.of(TRUE)));
        }
    }

    private static int owner(Path file, String kind) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:" + kind, LinkOption.NOFOLLOW_LINKS);
    }

    private static List<String> mountLines() {
        List<String> lines = new ArrayList<>();
        for (MountPlan.Step step : MountPlan.of(ColdBootOurs.spec()).steps()) {
            if (step instanceof MountPlan.Run run) {
                lines.add("run " + (lines.size() + 1) + " " + ShellText.encode(run.script()));
            } else if (step instanceof MountPlan.Enter enter) {
                lines.add("enter 0 " + enter.root());
            }
        }
        return lines;
    }
}
