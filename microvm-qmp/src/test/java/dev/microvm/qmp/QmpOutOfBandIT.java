/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static dev.microvm.qmp.AbstractSessionTest.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.command.QueryYank;
import dev.microvm.qmp.model.YankInstance;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands that overtake others in a real QEMU, whose main loop hangs: a chardev that waits for a client blocks it. */
class QmpOutOfBandIT extends AbstractReleasesIT {

    private Path blocker() {
        return folder.resolve("blocker");
    }

    /** Sends a command that ends only with {@link #release()}, and with it blocks every command of every monitor. */
    private CompletableFuture<JsonValue> block(QmpClient client) {
        return client.submit(raw(
                "chardev-add",
                "{\"id\":\"c\",\"backend\":{\"type\":\"socket\",\"data\":{\"server\":true,\"wait\":true,\"addr\":"
                        + "{\"type\":\"unix\",\"data\":{\"path\":\"" + blocker() + "\"}}}}}"));
    }

    private void release() throws Exception {
        SocketChannel.open(UnixDomainSocketAddress.of(blocker())).close();
    }

    private void awaitBlocked() {
        while (!blocker().toFile().exists()) {
            Thread.onSpinWait();
        }
    }

    private static List<CompletableFuture<JsonValue>> queries(QmpClient client, int count) {
        List<CompletableFuture<JsonValue>> queries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            queries.add(client.submit(raw("query-status", "{}")));
        }
        return queries;
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void overtakesTheOwnCommandsOfTheClient(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            CompletableFuture<JsonValue> blocked = block(client);
            List<CompletableFuture<JsonValue>> queries = queries(client, 50);
            awaitBlocked();
            List<YankInstance> instances = client.executeOob(QueryYank.of());
            // Migration has an instance only while it runs, and the chardev none before it has a client.
            assertThat(instances).isNotNull();
            assertThat(blocked).isNotDone();
            assertThat(queries).noneMatch(CompletableFuture::isDone);
            release();
            get(blocked);
            for (CompletableFuture<JsonValue> query : queries) {
                assertThat(get(query)).asString().contains("running");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void overtakesTheCommandsOfAnotherMonitor(QemuRelease release) throws Exception {
        Path second = folder.resolve("second.sock");
        session(
                release,
                options().build(),
                (client, qemu) -> {
                    try (QmpClient other = QmpClient.connect(second, options().build())) {
                        CompletableFuture<JsonValue> blocked = block(other);
                        awaitBlocked();
                        List<CompletableFuture<JsonValue>> queries = queries(client, 50);
                        assertThat(client.executeOob(QueryYank.of())).isNotNull();
                        assertThat(queries).noneMatch(CompletableFuture::isDone);
                        release();
                        get(blocked);
                        for (CompletableFuture<JsonValue> query : queries) {
                            get(query);
                        }
                    }
                },
                "-qmp",
                "unix:" + second + ",server=on,wait=off");
    }
}
