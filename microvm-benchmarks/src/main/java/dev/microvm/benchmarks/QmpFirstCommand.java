/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.StatusInfo;
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

    private QmpFirstCommand() {}

    /**
     * Connects and asks for the status, twice.
     *
     * @param arguments the transport, the socket, and the wall-clock time at which this JVM was launched, in microseconds since 1970
     */
    public static void main(String[] arguments) {
        long begin = System.nanoTime();
        QmpOptions options = QmpOptions.builder()
                .transport(TransportKind.valueOf(arguments[0]))
                .build();
        try (QmpClient client = QmpClient.connect(Path.of(arguments[1]), options)) {
            long connected = System.nanoTime();
            StatusInfo first = client.execute(QueryStatus.of());
            long end = System.nanoTime();
            StatusInfo second = client.execute(QueryStatus.of());
            long again = System.nanoTime();
            long launch = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - Long.parseLong(arguments[2]);
            if (first.running() || second.running()) {
                throw new IllegalStateException("a guest runs");
            }
            print(LAUNCH, Duration.of(launch, ChronoUnit.MICROS).toNanos() - (System.nanoTime() - begin));
            print(CONNECT, connected - begin);
            print(FIRST, end - connected);
            print(SECOND, again - end);
            print(TOTAL, end - begin);
        }
    }

    private static void print(String name, long nanos) {
        System.out.println(name + " " + nanos);
    }
}
