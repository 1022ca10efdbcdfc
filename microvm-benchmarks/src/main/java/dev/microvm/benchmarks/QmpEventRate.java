/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.EventSubscription;
import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpEvent;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.event.JobStatusChangeEvent;
import dev.microvm.qmp.model.JobStatusChangeData;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * How events arrive that come fast: of a {@link CannedQmpServer}, taken one by one in their order from a queue of 1024.
 *
 * @param sent how many were sent
 * @param taken how many arrived
 * @param lost how many the subscription dropped
 * @param perSecond how many were taken each second
 * @param medianMicros half of them took at most so long from being made to being taken, by the one clock of the machine
 * @param p99Micros 99 of 100 took at most so long
 */
record QmpEventRate(int sent, int taken, long lost, double perSecond, long medianMicros, long p99Micros) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** {@return how many did not arrive, counted or not} */
    long missing() {
        return Math.max(lost, (long) sent - taken);
    }

    /**
     * Measures.
     *
     * @param kind the transport
     * @param socket where the canned server listens
     * @param count how many events
     * @param perSecond how many each second; 0 for as fast as they can be sent
     * @throws IllegalStateException if they come in another order
     */
    static QmpEventRate measure(TransportKind kind, Path socket, int count, int perSecond) {
        QmpOptions options =
                QmpOptions.builder().transport(kind).eventQueueSize(1024).build();
        long[] micros = new long[count];
        int taken = 0;
        try (QmpClient client = QmpClient.connect(socket, options);
                EventSubscription<JobStatusChangeData> events = client.subscribe(JobStatusChangeEvent.TYPE)) {
            JsonValue unused = client.executeRaw(
                    "x-emit", JsonValue.Obj.EMPTY.with("count", count).with("per-second", perSecond));
            long begin = System.nanoTime();
            int last = -1;
            while (true) {
                QmpEvent<JobStatusChangeData> event = events.await(LIMIT);
                String id = event.data().id();
                if (id.equals("end")) {
                    break;
                }
                int number = Integer.parseInt(id);
                if (number <= last) {
                    throw new IllegalStateException("event " + number + " came after " + last);
                }
                last = number;
                micros[taken++] = ChronoUnit.MICROS.between(event.timestamp().orElseThrow(), Instant.now());
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            long[] sorted = Arrays.copyOf(micros, taken);
            Arrays.sort(sorted);
            return new QmpEventRate(
                    count, taken, events.lost(), taken / seconds, sorted[taken / 2], sorted[taken * 99 / 100]);
        }
    }
}
