/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.command.QueryQmpSchema;
import java.io.IOException;

/**
 * A large reply: {@code query-qmp-schema}, more than 200 kB, read into its type.
 *
 * @param floor what the bare channel needs, which only looks for the end of the line
 * @param ours what our client needs
 */
record QmpSchemaTime(QmpTimings floor, QmpTimings ours) {

    /** Connects our client. */
    interface Client {
        QmpClient connect();
    }

    /**
     * Measures the two in turn, each with a connection of its own.
     *
     * @param channel sends the bytes of the command
     * @param client sends the command
     * @param rounds how often; half as many before, to warm up
     * @throws IOException if one fails
     */
    static QmpSchemaTime measure(QmpContestant.Connector channel, Client client, int rounds) throws IOException {
        QmpSchemaTime time = new QmpSchemaTime(new QmpTimings(), new QmpTimings());
        for (int i = -rounds / 2; i < rounds; i++) {
            long[] floor;
            try (QmpContestant connected = channel.connect()) {
                floor = connected.run(1);
            }
            long[] ours;
            try (QmpClient connected = client.connect()) {
                long begin = System.nanoTime();
                if (connected.execute(new QueryQmpSchema()).isEmpty()) {
                    throw new IOException("the schema is empty");
                }
                ours = new long[] {System.nanoTime() - begin};
            }
            if (i >= 0) {
                time.floor.add(floor, 0, 0);
                time.ours.add(ours, 0, 0);
            }
        }
        return time;
    }
}
