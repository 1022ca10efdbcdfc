/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.command.QueryStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The first command of a fresh JVM, every class still to be loaded: prints a line {@code NAME NANOSECONDS} for each part. */
final class QmpFirstCommand {
    static final String LAUNCH = "launch";
    static final String CONNECT = "connect";
    static final String FIRST = "first";
    static final String SECOND = "second";
    static final String TOTAL = "total";
    static final String PROCESSOR = "processor";
    /** As the last argument: a bare channel instead of our client, with the JDK's or junixsocket's share of the time. */
    static final String FLOOR = "floor";

    private QmpFirstCommand() {}

    /**
     * Connects and asks for the status, twice.
     *
     * @param arguments the transport, the socket, the wall-clock time at which this JVM was launched, in microseconds since 1970, and
     *     {@link #FLOOR} or anything else
     */
    public static void main(String[] arguments) throws IOException {
        long begin = System.nanoTime();
        long launched = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - Long.parseLong(arguments[2]);
        try (QmpContestant client =
                connect(TransportKind.valueOf(arguments[0]), Path.of(arguments[1]), arguments[3].equals(FLOOR))) {
            long connected = System.nanoTime();
            long[] first = client.run(1);
            long end = System.nanoTime();
            // Of the whole JVM up to here, its launch included: a busy machine changes it less than the time.
            long processor = ProcessorTime.nanos(ProcessHandle.current().pid());
            long[] second = client.run(1);
            print(LAUNCH, Duration.of(launched, ChronoUnit.MICROS).toNanos());
            print(CONNECT, connected - begin);
            print(FIRST, first[0]);
            print(SECOND, second[0]);
            print(TOTAL, end - begin);
            print(PROCESSOR, processor);
        }
    }

    private static QmpContestant connect(TransportKind kind, Path socket, boolean floor) throws IOException {
        return floor
                ? new RawQmpChannel(kind, socket, "{\"execute\":\"" + QueryStatus.NAME + "\",\"id\":0}")
                : new OurQmpClient(
                        QmpClient.connect(
                                socket, QmpOptions.builder().transport(kind).build()),
                        1);
    }

    private static void print(String name, long nanos) {
        System.out.println(name + " " + nanos);
    }
}
