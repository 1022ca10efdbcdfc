/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.Stop;
import dev.microvm.qmp.event.StopEvent;
import dev.microvm.qmp.model.JobStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What a plugin may do with a client; {@link QmpUnloadingTest} runs it in a class loader of its own. */
final class UnloadableSession implements Function<Path, Boolean> {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    UnloadableSession() {}

    @Override
    public Boolean apply(Path socket) {
        QmpOptions options = QmpOptions.builder()
                .transport(TransportKind.JDK)
                .traffic(message -> {})
                .build();
        try (QmpClient client = QmpClient.connect(socket, options);
                QmpJob job = client.jobs().track("j")) {
            client.executeAndAwait(Stop.of(), StopEvent.TYPE, event -> true, LIMIT);
            CompletableFuture<Boolean> running = client.submit(QueryStatus.of()).thenApply(status -> status.running());
            try {
                client.execute(new RawCommand("hold", JsonValue.Obj.EMPTY), Duration.ofMillis(10));
            } catch (QmpTimeoutException e) {
                // A call that never ends must hold on to nothing either.
            }
            try {
                job.await(JobStatus.READY, Duration.ofMillis(10));
            } catch (QmpTimeoutException | QmpUnsupportedException e) {
                // The scripted server knows no jobs.
            }
            return running.join() && client.commands().queryStatus().running();
        }
    }
}
