/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All contestants at one server, in short blocks that take turns, so that a load that comes and goes meets each of them. Each connects for
 * its block only, for QEMU has one client at a socket: several sockets would make it slower, and not to the same degree.
 */
final class QmpComparison {
    static final List<TransportKind> KINDS = List.of(TransportKind.JDK, TransportKind.JUNIXSOCKET);
    static final int DEPTH = 8;
    static final String PEER = "qemu.qmp";

    private final QmpTarget server;
    private final List<Entry> entries = new ArrayList<>();

    /** A contestant and what was measured of it. */
    private record Entry(String name, QmpContestant.Connector contestant, QmpTimings timings) {}

    /**
     * Names the contestants.
     *
     * @param server where they go
     * @param request the bytes that our client sends
     * @param peer qemu.qmp; empty to do without
     */
    QmpComparison(QmpTarget server, String request, Optional<PythonPeer> peer) {
        this.server = server;
        Path socket = server.socket();
        for (TransportKind kind : KINDS) {
            add(floor(kind), () -> new RawQmpChannel(kind, socket, request));
            add(ours(kind), () -> ours(kind, socket, 1));
            add(oursAtOnce(kind), () -> ours(kind, socket, DEPTH));
        }
        peer.ifPresent(python -> add(PEER, () -> python.connect(socket)));
    }

    private void add(String name, QmpContestant.Connector contestant) {
        entries.add(new Entry(name, contestant, new QmpTimings()));
    }

    private static QmpContestant ours(TransportKind kind, Path socket, int depth) {
        return new OurQmpClient(
                QmpClient.connect(socket, QmpOptions.builder().transport(kind).build()), depth);
    }

    static String floor(TransportKind kind) {
        return "floor, " + nameOf(kind);
    }

    static String ours(TransportKind kind) {
        return "execute, " + nameOf(kind);
    }

    private static String oursAtOnce(TransportKind kind) {
        return "submit at depth " + DEPTH + ", " + nameOf(kind);
    }

    static String nameOf(TransportKind kind) {
        return kind == TransportKind.JUNIXSOCKET ? "junixsocket" : "JDK";
    }

    /**
     * Runs a block of each contestant.
     *
     * @param round tells who is first, for it changes
     * @param operations how many operations are a block
     * @param measured false to warm up only
     * @throws IOException if a contestant fails
     */
    void round(int round, int operations, boolean measured) throws IOException {
        List<Entry> order = new ArrayList<>(entries);
        Collections.rotate(order, round);
        for (Entry entry : order) {
            try (QmpContestant contestant = entry.contestant().connect()) {
                // The first ones start threads and fetch code and data into the processor's caches.
                long[] unused = contestant.run(operations / 10 + 1);
                long client = ProcessorTime.nanos(contestant.pid());
                long served = ProcessorTime.nanos(server.pid());
                long[] nanos = contestant.run(operations);
                served = ProcessorTime.nanos(server.pid()) - served;
                client = ProcessorTime.nanos(contestant.pid()) - client;
                if (measured) {
                    entry.timings().add(nanos, client, served);
                }
            }
        }
    }

    /** {@return what was measured, by contestant, in their order} */
    Map<String, QmpTimings> timings() {
        Map<String, QmpTimings> timings = new LinkedHashMap<>();
        entries.forEach(entry -> timings.put(entry.name(), entry.timings()));
        return timings;
    }
}
