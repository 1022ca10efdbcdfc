/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures virtiofs and 9p with our defaults against the defaults of microvm.nix and virtme-ng, in one guest that has them all. */
@Command(
        name = "shares",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures ways to share one folder with a guest: our defaults for virtiofs and 9p, and those of microvm.nix and virtme-ng.",
            "",
            "One guest has them all, at six mount points of the same folder, and each does each workload in turn, another one first in"
                    + " each round. The guest's clock takes the time. One round before is not counted."
        },
        footer = {"", "Exit codes: 0 everything was measured; 1 a measurement failed; 2 wrong arguments."})
public final class ShareBenchmark implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int FILES_A_FOLDER = 20;

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds to measure (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--files",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Small files, of 1 to 8 KiB (default: ${DEFAULT-VALUE}).")
    private int files = 1000;

    @Option(
            names = "--mib",
            paramLabel = "N",
            defaultValue = "64",
            description = "Size of the large file in MiB (default: ${DEFAULT-VALUE}).")
    private int mib = 64;

    @Option(names = "--output", paramLabel = "FILE", description = "Also write the report to FILE, as Markdown.")
    private @Nullable Path output;

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ShareBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1 || files < 1 || mib < 1) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), "--rounds, --files and --mib must be at least 1");
        }
        String loadBefore = MachineText.load();
        Path folder = Files.createTempDirectory("microvm-shares-");
        try (VmHost host = VmHost.create()) {
            fill(folder);
            List<ShareContestant> contestants =
                    ShareContestant.of(folder, Runtime.getRuntime().availableProcessors());
            VmSpec spec = spec(contestants);
            ShareReport report = new ShareReport(rounds, files, mib);
            try (MicroVm vm = host.start(spec)) {
                measure(vm, contestants, report);
            }
            report.machine(MachineText.lines(host.preflight(spec)));
            report.machine(List.of("load averages before: " + loadBefore + "; after: " + MachineText.load()));
            String text = report.markdown();
            System.out.println("\n" + text);
            if (output != null) {
                Files.writeString(output, text);
            }
        } finally {
            remove(folder);
        }
        return 0;
    }

    private static VmSpec spec(List<ShareContestant> contestants) {
        return VmSpec.builder()
                .name("shares")
                .vcpus(1)
                .memoryMib(1024)
                .boot(BootSource.hostRoot())
                .addAllShares(contestants.stream().map(ShareContestant::share).toList())
                .build();
    }

    private void measure(MicroVm vm, List<ShareContestant> contestants, ShareReport report) {
        for (ShareContestant contestant : contestants) {
            run(vm, "mkdir -p " + contestant.mountPoint() + " && " + contestant.mount());
            run(vm, "mkdir " + contestant.mountPoint() + "/" + contestant.tag() + ".out");
        }
        ShareContestant first = contestants.get(0);
        run(vm, "tar -cf /tmp/tree.tar -C " + first.mountPoint() + " tree");
        List<ShareContestant> order = new ArrayList<>(contestants);
        for (int round = 0; round <= rounds; round++) {
            for (ShareWorkload workload : ShareWorkload.values()) {
                for (ShareContestant contestant : order) {
                    long nanos = Long.parseLong(
                            run(vm, workload.script(contestant, mib)).strip());
                    if (round > 0) {
                        report.add(contestant, workload, nanos / 1e6);
                    }
                }
            }
            Collections.rotate(order, 1);
            System.out.printf(Locale.ROOT, "round %d of %d%n", round, rounds);
        }
    }

    private static String run(MicroVm vm, String script) {
        return vm.shell()
                .exec(ExecRequest.builder()
                        .addCommand("/bin/sh", "-c", script)
                        .limit(LIMIT)
                        .build())
                .orFail()
                .stdout();
    }

    /** The same bytes in every run; no two files alike, and none that compresses. */
    private void fill(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Random random = new Random(42);
        for (int i = 0; i < files; i++) {
            Path in = Files.createDirectories(folder.resolve("tree/" + i / FILES_A_FOLDER));
            byte[] content = new byte[1024 + random.nextInt(7 * 1024)];
            random.nextBytes(content);
            Files.write(in.resolve("file-" + i), content);
        }
        byte[] block = new byte[1 << 20];
        try (OutputStream large = Files.newOutputStream(folder.resolve("large"))) {
            for (int i = 0; i < mib; i++) {
                random.nextBytes(block);
                large.write(block);
            }
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
