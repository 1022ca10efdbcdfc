/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All contestants at one server, in short blocks that take turns, so that a load that comes and goes meets each of them. */
final class QmpComparison implements AutoCloseable {
    /** How many clients {@link #open} connects at most. */
    static final int CLIENTS = 7;

    static final int DEPTH = 8;
    static final String PYTHON = "qemu.qmp";

    private final QmpTarget server;
    private final Map<String, QmpContestant> contestants = new LinkedHashMap<>();
    private final Map<String, QmpTimings> timings = new LinkedHashMap<>();

    private QmpComparison(QmpTarget server) {
        this.server = server;
    }

    static String floor(TransportKind kind) {
        return "floor, " + nameOf(kind);
    }

    static String ours(TransportKind kind) {
        return "execute, " + nameOf(kind);
    }

    static String oursAtOnce(TransportKind kind) {
        return "submit at depth " + DEPTH + ", " + nameOf(kind);
    }

    static String nameOf(TransportKind kind) {
        return kind == TransportKind.JUNIXSOCKET ? "junixsocket" : "JDK";
    }

    /**
     * Connects every contestant.
     *
     * @param server where to
     * @param request the bytes that our client sends
     * @param pythonPackages where qemu.qmp is; empty to do without
     * @throws IOException if one cannot be connected; the others are closed then
     */
    static QmpComparison open(QmpTarget server, String request, Optional<Path> pythonPackages) throws IOException {
        QmpComparison comparison = new QmpComparison(server);
        try {
            for (TransportKind kind : List.of(TransportKind.JDK, TransportKind.JUNIXSOCKET)) {
                comparison.add(floor(kind), new RawQmpChannel(kind, server.nextSocket(), request));
                comparison.add(ours(kind), new OurQmpClient(client(kind, server), 1));
                comparison.add(oursAtOnce(kind), new OurQmpClient(client(kind, server), DEPTH));
            }
            if (pythonPackages.isPresent()) {
                comparison.add(PYTHON, new PythonQmpClient(pythonPackages.get(), server.nextSocket()));
            }
            return comparison;
        } catch (IOException | RuntimeException e) {
            comparison.close();
            throw e;
        }
    }

    private static QmpClient client(TransportKind kind, QmpTarget server) {
        return QmpClient.connect(
                server.nextSocket(), QmpOptions.builder().transport(kind).build());
    }

    private void add(String name, QmpContestant contestant) {
        contestants.put(name, contestant);
        timings.put(name, new QmpTimings());
    }

    /**
     * Runs a block of each contestant.
     *
     * @param round tells who is first, for it changes
     * @param operations how many operations are a block
     * @param measured false to warm up only
     */
    void round(int round, int operations, boolean measured) throws IOException {
        List<String> order = new ArrayList<>(contestants.keySet());
        Collections.rotate(order, round);
        for (String name : order) {
            QmpContestant contestant = contestants.get(name);
            QmpTimings result = timings.get(name);
            if (contestant == null || result == null) {
                throw new AssertionError(name);
            }
            // The first ones start threads that have ended meanwhile, and fetch code and data into the processor's
            // caches.
            long[] unused = contestant.run(operations / 10 + 1);
            long client = ProcessorTime.nanos(contestant.pid());
            long served = ProcessorTime.nanos(server.pid());
            long[] nanos = contestant.run(operations);
            served = ProcessorTime.nanos(server.pid()) - served;
            client = ProcessorTime.nanos(contestant.pid()) - client;
            if (measured) {
                result.add(nanos, client, served);
            }
        }
    }

    /** {@return what was measured, by contestant} */
    Map<String, QmpTimings> timings() {
        return timings;
    }

    /** {@return the versions of the peer; empty without it} */
    Optional<String> peerVersion() {
        return contestants.get(PYTHON) instanceof PythonQmpClient python
                ? Optional.of(python.version())
                : Optional.empty();
    }

    /** {@return the length of a command of the peer; only {@link CannedQmpServer} tells it} */
    int peerBytes() throws IOException {
        return contestants.get(PYTHON) instanceof PythonQmpClient python ? python.previousBytes() : 0;
    }

    @Override
    public void close() throws IOException {
        Deque<QmpContestant> open = new ArrayDeque<>(contestants.values());
        while (!open.isEmpty()) {
            open.removeLast().close();
        }
    }
}
