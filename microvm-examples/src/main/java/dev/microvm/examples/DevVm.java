/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.error.MicroVmException;
import dev.microvm.nix.NixStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The main job: a VM on the host's root that shares a Nix store and a folder, and proves on both sides that it does what it says. Exits 0
 * only if every fact it prints is true.
 */
@Command(
        name = "dev-vm",
        sortOptions = false,
        description =
                "Starts a VM that shares a Nix store and a folder of this host, checks what it promises, and stops it.",
        footer = {
            "",
            "Exit codes: 0 every fact holds; 1 one does not; 2 wrong arguments.",
            "Overrides: MICROVM_QEMU, MICROVM_KERNEL_ROOT, MICROVM_KERNEL, MICROVM_MODULES, MICROVM_BUSYBOX,",
            "MICROVM_VIRTIOFSD, MICROVM_NIX_STORE, MICROVM_CACHE, MICROVM_STATE."
        })
public final class DevVm implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this text.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = "--yes",
            description =
                    "As root: use this host's own /nix/store (a few small paths are added to it). Without it, and without root,"
                            + " a private store in a temporary folder takes its place.")
    private boolean yes;

    @Option(names = "--shell", description = "Leave an interactive shell in the VM; the VM stops when it ends.")
    private boolean shell;

    @Option(
            names = "--dry-run",
            description =
                    "Print what a start would do, QEMU's command line with a reason for each argument, and start nothing.")
    private boolean dryRun;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Keep the private store and the persistent folder in DIR instead of a"
                    + " temporary folder that is removed.")
    private @Nullable Path work;

    @Option(names = "--9p", description = "Share the persistent folder by 9p even where virtiofsd is there.")
    private boolean ninePOnly;

    @Option(
            names = "--vcpus",
            paramLabel = "N",
            defaultValue = "1",
            description = "Virtual CPUs (default: ${DEFAULT-VALUE}).")
    private int vcpus = 1;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            defaultValue = "1024",
            description = "Memory in MiB (default: ${DEFAULT-VALUE}).")
    private int memoryMib = 1024;

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new DevVm()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Report report = new Report(System.out);
        boolean ownFolder = work == null;
        Path folder = work == null ? temporaryFolder() : work.toAbsolutePath();
        try {
            boolean hostStore = yes && isRoot() && !dryRun;
            if (yes && !isRoot()) {
                report.say("NOTE: --yes is for root only; a private store is used");
            }
            NixStore store = hostStore ? NixStore.host() : NixStore.privateStore(folder.resolve("nix-root"));
            report.say(
                    hostStore
                            ? "using this host's Nix store, as agreed by --yes"
                            : "using a private Nix store in " + store.physicalStore());
            DevVmJob job =
                    new DevVmJob(report, store, folder.resolve("persistent"), vcpus, memoryMib, ninePOnly, shell);
            if (dryRun) {
                return job.explain() ? 0 : 1;
            }
            job.run();
        } catch (MicroVmException e) {
            report.say(String.valueOf(e.getMessage()));
            report.fact("the main job runs to its end", false);
        } finally {
            if (ownFolder) {
                Folders.delete(folder);
            }
        }
        System.out.println(report.summary());
        return report.allHold() ? 0 : 1;
    }

    /** A folder that the unprivileged user of a root caller's QEMU can pass through. */
    private static Path temporaryFolder() throws IOException {
        Path folder = Files.createTempDirectory("microvm-devvm-");
        return isRoot() ? Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x")) : folder;
    }

    static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }
}
