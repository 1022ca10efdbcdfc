/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.StatusInfo;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What clients cost that only wait, in a fresh JVM: prints the bytes of heap and the threads of each. */
final class QmpIdleClients {
    private static final int FIRST = 20;

    private QmpIdleClients() {}

    /**
     * Connects some clients first, for what is needed once, and then those that count; each executes a command.
     *
     * @param arguments the transport, the socket of a server for many clients, and how many clients
     */
    public static void main(String[] arguments) {
        QmpOptions options = QmpOptions.builder()
                .transport(TransportKind.valueOf(arguments[0]))
                .build();
        Path socket = Path.of(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        List<QmpClient> clients = new ArrayList<>(FIRST + count);
        try {
            connect(clients, FIRST, socket, options);
            long heap = heap();
            long threads = ManagementFactory.getThreadMXBean().getThreadCount();
            connect(clients, count, socket, options);
            System.out.println("threads " + (ManagementFactory.getThreadMXBean().getThreadCount() - threads) / count);
            System.out.println("heap " + (heap() - heap) / count);
        } finally {
            clients.forEach(QmpClient::close);
        }
    }

    private static void connect(List<QmpClient> clients, int count, Path socket, QmpOptions options) {
        for (int i = 0; i < count; i++) {
            QmpClient client = QmpClient.connect(socket, options);
            clients.add(client);
            StatusInfo unused = client.execute(QueryStatus.of());
        }
    }

    /** More than once, for what a collection frees may have held on to more. */
    private static long heap() {
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
