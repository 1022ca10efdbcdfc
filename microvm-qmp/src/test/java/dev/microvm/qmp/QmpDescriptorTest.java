/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.Getfd;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.testing.FakeRequest;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Which commands can be sent with a descriptor. That it arrives is told by the transport's own test and by QEMU. */
class QmpDescriptorTest extends AbstractSessionTest {
    @Override
    TransportKind transport() {
        return TransportKind.JUNIXSOCKET;
    }

    @Test
    void sendsTheCommandOnce() {
        server.on("getfd").reply();
        try (QmpClient client = connect()) {
            assertThat(client.executeWithFd(Getfd.of("f"), FileDescriptor.in)).isEqualTo(QmpEmpty.EMPTY);
            assertThat(server.received())
                    .last()
                    .isEqualTo("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"f\"},\"id\":0}");
        }
    }

    @Test
    void refusesWhatCannotWork() throws Exception {
        FileInputStream file =
                new FileInputStream(Files.createFile(folder.resolve("f")).toFile());
        FileDescriptor closed = file.getFD();
        file.close();
        try (QmpClient client = connect()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.executeWithFd(QueryStatus.of(), FileDescriptor.in))
                    .withMessageContaining("'query-status' takes no descriptor; getfd and add-fd do");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.executeWithFd(Getfd.of("f"), closed))
                    .withMessageContaining("closed");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.executeWithFd(Getfd.of("f".repeat(5000)), FileDescriptor.in))
                    .withMessageContaining("one piece of at most 4096");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
        assertThat(server.received()).hasSize(2);
    }

    @Test
    void saysThatTheJdksSocketsCannot() {
        try (QmpClient client = connect(options().transport(TransportKind.JDK).build())) {
            assertThatThrownBy(() -> client.executeWithFd(Getfd.of("f"), FileDescriptor.in))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("'getfd'")
                    .hasMessageContaining("JUNIXSOCKET");
        }
        assertThat(server.received()).hasSize(1);
    }

    /** It can be closed while it waits behind another command; then nothing may be sent, and nothing may wait for a reply. */
    @Test
    void failsOnlyTheCommandWhoseDescriptorIsClosedBeforeItsTurn() throws Exception {
        server.on("getfd");
        FileInputStream file =
                new FileInputStream(Files.createFile(folder.resolve("f")).toFile());
        try (QmpClient client = connect()) {
            CompletableFuture<QmpEmpty> first = inThread(() -> client.executeWithFd(Getfd.of("a"), FileDescriptor.in));
            FakeRequest request = awaitRequest("getfd");
            FileDescriptor descriptor = file.getFD();
            CompletableFuture<QmpEmpty> second = inThread(() -> client.executeWithFd(Getfd.of("b"), descriptor));
            while (!situation(client).contains("of which 1 not sent yet")) {
                Thread.onSpinWait();
            }
            file.close();
            request.reply();
            assertThat(get(first)).isEqualTo(QmpEmpty.EMPTY);
            assertThatThrownBy(() -> get(second))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageStartingWith("'getfd' was never sent")
                    .hasMessageContaining("the descriptor could not be sent");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
        assertThat(server.received()).noneMatch(message -> message.contains("\"b\""));
    }

    private static String situation(QmpClient client) {
        try {
            return client.execute(new RawCommand("probe", JsonValue.Obj.EMPTY), SHORT)
                    .toString();
        } catch (QmpException e) {
            return e.toString();
        }
    }

    private static <T> CompletableFuture<T> inThread(Supplier<T> body) {
        return CompletableFuture.supplyAsync(body, task -> new Thread(task).start());
    }
}
