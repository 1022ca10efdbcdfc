/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.StatusInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures our QMP client against bare channels and against QEMU's own client for Python, at a real QEMU and at one that costs nothing. */
@Command(
        name = "qmp-benchmark",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the QMP client: against its floor, a bare channel that sends the very same bytes, and against its peer, qemu.qmp for"
                    + " Python; at a real QEMU and at a canned server. Short blocks of all of them take turns.",
            "",
            "Also: events a second, heap of an idle client, the first command of a fresh JVM, the size of the jar."
        },
        footer = {"", "Exit codes: 0 every target is met; 1 one is not, or a measurement failed; 2 wrong arguments."})
public final class QmpBenchmark implements Callable<Integer> {
    private static final List<TransportKind> KINDS = QmpComparison.KINDS;
    private static final int SCHEMAS = 20;
    private static final int EVENTS_PER_SECOND = 10_000;
    private static final int EVENT_RUNS = 5;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "40",
            description = "Blocks of each contestant at each server (default: ${DEFAULT-VALUE}).")
    private int rounds = 40;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "20",
            description = "Blocks of each before these (default: ${DEFAULT-VALUE}).")
    private int warmUp = 20;

    @Option(
            names = "--operations",
            paramLabel = "N",
            defaultValue = "300",
            description = "Operations of a block (default: ${DEFAULT-VALUE}).")
    private int operations = 300;

    @Option(
            names = "--fresh-jvms",
            paramLabel = "N",
            defaultValue = "11",
            description = "Fresh JVMs for the first command, with each transport (default: ${DEFAULT-VALUE}).")
    private int freshJvms = 11;

    @Option(
            names = "--idle-clients",
            paramLabel = "N",
            defaultValue = "100",
            description = "Clients whose heap is measured (default: ${DEFAULT-VALUE}).")
    private int idleClients = 100;

    @Option(
            names = "--qemu",
            paramLabel = "PROGRAM",
            defaultValue = "qemu-system-x86_64",
            description = "The real QEMU (default: ${DEFAULT-VALUE}).")
    private String qemu = "qemu-system-x86_64";

    @Option(
            names = "--peer",
            paramLabel = "FOLDER",
            description =
                    "Where the Python package qemu.qmp is; without it there is no comparison with the peer, and so no success.")
    private @Nullable Path peer;

    @Option(names = "--output", paramLabel = "FILE", description = "Also write the report to FILE, as Markdown.")
    private @Nullable Path output;

    @Option(
            names = "--class-path",
            paramLabel = "PATH",
            description = "The class path of the fresh JVMs (default: that of this program).")
    private String classPath = System.getProperty("java.class.path");

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new QmpBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        QmpReport report = new QmpReport(rounds, operations);
        FreshJvm jvm = new FreshJvm(classPath, List.of("-XX:+UseSerialGC"));
        String loadBefore = MachineText.load();
        Path folder = Files.createTempDirectory("microvm-qmp");
        try (QmpTarget canned = QmpTarget.canned(jvm, folder);
                QmpTarget real = QmpTarget.qemu(qemu, folder)) {
            if (peer == null) {
                compare(canned, real, Optional.empty(), report);
            } else {
                try (PythonPeer python = new PythonPeer(peer)) {
                    compare(canned, real, Optional.of(python), report);
                }
            }
            schema(real, report);
            events(canned, report);
            for (TransportKind kind : KINDS) {
                idle(kind, canned, report);
            }
            firstCommands(real.socket(), report);
        } finally {
            try (Stream<Path> sockets = Files.list(folder)) {
                for (Path socket : sockets.toList()) {
                    Files.delete(socket);
                }
            }
            Files.delete(folder);
        }
        jar(report);
        report.machine(MachineText.hardware());
        report.machine(List.of("load averages before: " + loadBefore + "; after: " + MachineText.load()));
        String text = report.markdown();
        System.out.println("\n" + text);
        if (output != null) {
            Files.writeString(output, text);
        }
        return report.allMet() ? 0 : 1;
    }

    private void compare(QmpTarget canned, QmpTarget real, Optional<PythonPeer> python, QmpReport report)
            throws IOException {
        String request = bytesOfOurs(canned);
        QmpComparison atReal = new QmpComparison(real, request, python);
        QmpComparison atCanned = new QmpComparison(canned, request, python);
        for (int round = -warmUp; round < rounds; round++) {
            atReal.round(round, operations, round >= 0);
            atCanned.round(round, operations, round >= 0);
            System.out.print(round < 0 ? "," : ".");
            System.out.flush();
        }
        System.out.println();
        int bytesOfPeer = python.isPresent() ? bytesOf(python.get(), canned) : 0;
        report.comparison("a real QEMU", atReal, 1.8, request.length(), bytesOfPeer);
        report.comparison("the canned server", atCanned, 6, request.length(), bytesOfPeer);
        report.machine(List.of("peer: " + python.map(PythonPeer::version).orElse("none")));
    }

    /** {@return the length of what the peer sends, the id it gives in its first minutes} */
    private static int bytesOf(PythonPeer python, QmpTarget canned) throws IOException {
        try (PythonPeer.Connected client = python.connect(canned.socket())) {
            // The end of a line comes with the next command.
            long[] unused = client.run(2);
            return client.previousBytes();
        }
    }

    private static void schema(QmpTarget real, QmpReport report) throws IOException {
        String request = "{\"execute\":\"query-qmp-schema\",\"id\":0}";
        report.schema(QmpSchemaTime.measure(
                () -> new RawQmpChannel(TransportKind.JDK, real.socket(), request),
                () -> QmpClient.connect(real.socket(), of(TransportKind.JDK)),
                SCHEMAS));
        try (QmpClient client = QmpClient.connect(real.socket(), of(TransportKind.JDK))) {
            report.machine(List.of("QEMU " + client.greeting().version()));
        }
    }

    private static void events(QmpTarget canned, QmpReport report) {
        for (TransportKind kind : KINDS) {
            var unused = QmpEventRate.measure(kind, canned.socket(), EVENTS_PER_SECOND, EVENTS_PER_SECOND);
            List<QmpEventRate> rates = new ArrayList<>();
            for (int i = 0; i < EVENT_RUNS; i++) {
                rates.add(QmpEventRate.measure(kind, canned.socket(), EVENTS_PER_SECOND, EVENTS_PER_SECOND));
            }
            report.events(kind, EVENTS_PER_SECOND, rates);
            report.eventsUnlimited(kind, QmpEventRate.measure(kind, canned.socket(), 20 * EVENTS_PER_SECOND, 0));
        }
    }

    private static QmpOptions of(TransportKind kind) {
        return QmpOptions.builder().transport(kind).build();
    }

    /** {@return what our client really sends, with the first id it gives} */
    private static String bytesOfOurs(QmpTarget canned) {
        try (QmpClient client = QmpClient.connect(canned.socket(), of(TransportKind.JDK))) {
            StatusInfo unused = client.execute(QueryStatus.of());
            return client.executeRaw("x-previous") instanceof JsonValue.Str text ? text.value() : "";
        }
    }

    private void idle(TransportKind kind, QmpTarget canned, QmpReport report) throws IOException, InterruptedException {
        Map<String, Long> said = parse(new FreshJvm(classPath, List.of())
                .run(QmpIdleClients.class, kind.name(), canned.socket().toString(), Integer.toString(idleClients)));
        report.idle(kind, idleClients, said.getOrDefault("heap", 0L), said.getOrDefault("threads", 0L));
    }

    /** The transports take turns, so that a load that grows or shrinks favours neither. */
    private void firstCommands(Path socket, QmpReport report) throws IOException, InterruptedException {
        for (int i = 0; i < freshJvms; i++) {
            for (TransportKind kind : KINDS) {
                report.firstCommand(kind, firstCommand(kind, socket, "ours"));
                report.firstCommandOfFloor(kind, firstCommand(kind, socket, QmpFirstCommand.FLOOR));
            }
        }
    }

    private Map<String, Long> firstCommand(TransportKind kind, Path socket, String which)
            throws IOException, InterruptedException {
        return parse(new FreshJvm(classPath, List.of())
                .run(
                        QmpFirstCommand.class,
                        kind.name(),
                        socket.toString(),
                        Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())),
                        which));
    }

    private static void jar(QmpReport report) throws IOException {
        Path place = Path.of(QmpClient.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        if (Files.isRegularFile(place)) {
            report.jar(Files.size(place));
        } else {
            throw new IOException("the size of the jar is unknown, for the class path has the folder " + place);
        }
    }

    static Map<String, Long> parse(String said) {
        Map<String, Long> values = new LinkedHashMap<>();
        said.lines()
                .map(line -> line.split(" ", 2))
                .forEach(words -> values.put(words[0].toLowerCase(Locale.ROOT), Long.parseLong(words[1])));
        return values;
    }
}
