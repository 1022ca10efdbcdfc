/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what a client logs at level TRACE, which java.util.logging calls FINER; {@link QmpUnloadingTest} runs it. */
final class LoggedSession implements Function<Path, List<String>> {
    private final List<String> logged = new CopyOnWriteArrayList<>();

    LoggedSession() {}

    @Override
    public List<String> apply(Path socket) {
        Logger logger = Logger.getLogger("dev.microvm.qmp.traffic");
        logger.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                logged.add(record.getLevel() + " " + record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        for (boolean log : new boolean[] {false, true}) {
            QmpOptions options = QmpOptions.builder()
                    .name(log ? "logged" : "quiet")
                    .transport(TransportKind.JDK)
                    .logTraffic(log)
                    .traffic(message -> {
                        throw new NoClassDefFoundError("a broken sink, which is told first");
                    })
                    .build();
            try (QmpClient client = QmpClient.connect(socket, options)) {
                client.executeRaw("set_password", JsonValue.Obj.EMPTY.with("password", "geheim"));
            } catch (QmpUnsupportedException e) {
                // The scripted server knows no passwords.
            }
        }
        return logged;
    }
}
