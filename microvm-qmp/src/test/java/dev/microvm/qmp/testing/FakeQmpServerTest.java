/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client sees of the fake, byte for byte. */
@Timeout(10)
class FakeQmpServerTest {
    private static final Duration LONG = Duration.ofSeconds(8);
    private static final String CAPABILITIES = "{\"execute\":\"qmp_capabilities\",\"id\":0}";
    private static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 1, \"major\": 11},"
                    + " \"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n";

    @TempDir
    Path folder;

    private final FakeQmpServer server = FakeQmpServer.qemu();

    @AfterEach
    void close() {
        server.close();
    }

    private Path socket() {
        return folder.resolve("q");
    }

    private Client connect() throws IOException {
        return new Client(SocketChannel.open(UnixDomainSocketAddress.of(socket())));
    }

    /** A client that has negotiated. */
    private Client ready() throws IOException {
        server.listen(socket());
        Client client = connect();
        client.reads(GREETING);
        client.says(CAPABILITIES, "{\"return\": {}, \"id\": 0}\r\n");
        return client;
    }

    /** A client that knows nothing. */
    private record Client(SocketChannel channel) implements AutoCloseable {
        void send(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        void reads(String expected) throws IOException {
            byte[] bytes = Channels.newInputStream(channel).readNBytes(expected.length());
            assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).isEqualTo(expected);
        }

        void says(String text, String expected) throws IOException {
            send(text);
            reads(expected);
        }

        void readsTheEnd() throws IOException {
            assertThat(Channels.newInputStream(channel).readAllBytes()).isEmpty();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void refusesCommandsBeforeTheNegotiationAndASecondNegotiation() throws IOException {
        server.listen(socket());
        try (Client client = connect()) {
            client.reads(GREETING);
            client.says(
                    "{\"execute\":\"stop\",\"id\":\"a\"}",
                    "{\"id\": \"a\", \"error\": {\"class\": \"CommandNotFound\","
                            + " \"desc\": \"Expecting capabilities negotiation with 'qmp_capabilities'\"}}\r\n");
            client.says(CAPABILITIES, "{\"return\": {}, \"id\": 0}\r\n");
            client.says(
                    CAPABILITIES,
                    "{\"id\": 0, \"error\": {\"class\": \"CommandNotFound\","
                            + " \"desc\": \"Capabilities negotiation is already complete, command ignored\"}}\r\n");
        }
    }

    @Test
    void takesItsStepsInOrder() throws IOException {
        server.on("job")
                .emit("A", JsonValue.Obj.EMPTY)
                .reply(JsonValue.Num.of(5))
                .emit("B", JsonValue.Obj.EMPTY);
        String stamp = "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 250000}, \"event\": ";
        try (Client client = ready()) {
            client.says(
                    "{\"execute\":\"job\"}",
                    stamp + "\"A\", \"data\": {}}\r\n{\"return\": 5}\r\n" + stamp + "\"B\", \"data\": {}}\r\n");
        }
    }

    @Test
    void takesWhatWasSaidForOneTimeFirst() throws IOException {
        server.on("x").reply(JsonValue.Num.of(3));
        server.once("x").reply(JsonValue.Num.of(1));
        server.once("x").error("GenericError", "no");
        try (Client client = ready()) {
            client.says(
                    "{\"execute\":\"x\"} {\"execute\":\"x\"}{\"execute\":\"x\"}",
                    "{\"return\": 1}\r\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\r\n{\"return\": 3}\r\n");
        }
    }

    @Test
    void answersWhatIsNoCommandWithoutId() throws IOException {
        String noObject =
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"QMP input must be a JSON object\"}}\r\n";
        String noJson = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\r\n";
        String stray =
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray '\\ufffd'\"}}\r\n";
        server.on("odd").errorWithoutId("odd");
        try (Client client = ready()) {
            client.says("[{\"id\":1}]", noObject);
            client.says("{foo]}", noJson + noJson);
            client.says("{\"a\":\"\u00ff", stray);
            client.says("{\"execute\":\"odd\",\"id\":1}", noObject.replace("QMP input must be a JSON object", "odd"));
        }
    }

    @Test
    @SuppressWarnings("try") // closing explicitly is the point
    void greetsASecondClientWhenTheFirstHasLeft() throws IOException {
        try (Client first = ready();
                Client second = connect()) {
            second.channel().configureBlocking(false);
            first.says("{\"execute\":\"stop\",\"id\":1}{\"execute\":\"cont\"}", "{\"timestamp\"");
            assertThat(second.channel().read(ByteBuffer.allocate(1))).isZero();
            first.close();
            second.channel().configureBlocking(true);
            second.reads(GREETING);
            second.says(CAPABILITIES, "{\"return\": {}, \"id\": 0}\r\n");
        }
    }

    @Test
    void dropsTheConnectionInTheMiddleOfAReply() throws IOException {
        server.on("x").send("{\"retu").thenDisconnect();
        try (Client client = ready()) {
            client.says("{\"execute\":\"x\"}", "{\"retu");
            client.readsTheEnd();
        }
    }

    @Test
    void printsOverManyLinesAsAPrettyMonitor() throws IOException {
        server.pretty().withUnknownMembers().greeting("").on("x").reply(JsonValue.parse("{\"a\":[\"\u00e4\",{}]}"));
        server.listen(socket());
        try (Client client = connect()) {
            client.send(CAPABILITIES);
            client.reads("{\r\n    \"x-novelty\": {\r\n        \"of\": [\r\n            \"a\",\r\n");
        }
        try (FakeQmpServer other = FakeQmpServer.qemu().pretty().greeting("")) {
            other.on("qmp_capabilities").reply(JsonValue.parse("{\"a\":[\"\u00e4\",{}]}"));
            other.listen(folder.resolve("p"));
            try (Client client = new Client(SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("p"))))) {
                client.says(
                        "{\"execute\":\"qmp_capabilities\"}",
                        "{\r\n    \"return\": {\r\n        \"a\": [\r\n            \"\\u00e4\",\r\n            {\r\n            }\r\n"
                                + "        ]\r\n    }\r\n}\r\n");
            }
        }
    }

    @Test
    void answersNothingAfterAHangAndStillTakesItDown() throws IOException {
        server.on("x").hang();
        try (Client client = ready()) {
            client.send("{\"execute\":\"x\"}{\"execute\":\"stop\"}{\"execute\":\"cont\"}");
            server.awaitRequest("cont", LONG);
            client.channel().configureBlocking(false);
            assertThat(client.channel().read(ByteBuffer.allocate(1))).isZero();
        }
        try (Client next = connect()) {
            next.reads(GREETING);
        }
    }

    @Test
    void endsADelayAtOnceWhenClosed() throws Exception {
        server.on("x").delay(Duration.ofDays(1)).reply();
        try (Client client = ready()) {
            client.send("{\"execute\":\"x\"}");
            server.awaitRequest("x", LONG);
            server.close();
            client.readsTheEnd();
            assertThat(socket()).doesNotExist();
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(t -> t.getName().equals("microvm-fake-qmp"));
        }
    }

    @Test
    void endsAWriteThatNobodyReadsWhenClosed() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        server.on("x").answer(request -> writing.countDown()).send("x".repeat(16 << 20));
        try (Client client = ready()) {
            client.send("{\"execute\":\"x\"}");
            assertThat(writing.await(30, TimeUnit.SECONDS)).isTrue();
            server.close();
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(t -> t.getName().equals("microvm-fake-qmp"));
        }
    }

    @Test
    void throwsWhatAStepHasThrownWhenClosed() throws IOException {
        server.on("x").answer(request -> {
            throw new IllegalStateException("wrong " + request.command());
        });
        try (Client client = ready()) {
            client.send("{\"execute\":\"x\"}");
            client.readsTheEnd();
        }
        assertThatThrownBy(server::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wrong x")
                .hasRootCauseMessage("wrong x");
        assertThatCode(server::close).doesNotThrowAnyException();
    }

    @Test
    void keepsARequestToAnswerItLater() throws Exception {
        server.on("x");
        try (Client client = ready()) {
            client.send("{\"execute\":\"x\",\"arguments\":{\"n\":1},\"id\":{\"any\":\"thing\"}}");
            FakeRequest request = server.awaitRequest("x", LONG);
            assertThat(request.arguments().integer("n")).isEqualTo(1);
            CompletableFuture.runAsync(request::reply).get(30, TimeUnit.SECONDS);
            client.reads("{\"return\": {}, \"id\": {\"any\": \"thing\"}}\r\n");
            client.says("{\"exec-oob\":\"x\"}{\"execute\":\"y\"}", "{\"error\": {\"class\": \"CommandNotFound\"");
            assertThat(server.requests())
                    .extracting(FakeRequest::command)
                    .containsExactly("qmp_capabilities", "x", "x", "y");
            assertThat(server.requests())
                    .extracting(FakeRequest::isOutOfBand)
                    .containsExactly(false, false, true, false);
        }
    }

    @Test
    void saysWhatCameInsteadOfWhatWasAwaited() throws IOException {
        try (Client client = ready()) {
            client.says("{\"execute\":\"y\"}", "{\"error\"");
            assertThatThrownBy(() -> server.awaitRequest("x", Duration.ofMillis(10)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("no x within PT0.01S")
                    .hasMessageContaining("\"execute\":\"y\"");
        }
    }

    @Test
    void isStartedOnce() {
        server.listen(socket());
        assertThatThrownBy(() -> server.listen(folder.resolve("other"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> server.emit("X", JsonValue.Obj.EMPTY)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> FakeQmpServer.qemu().connect(folder.resolve("nobody")))
                .isInstanceOf(UncheckedIOException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> server.inChunksOf(0));
    }

    @Test
    void leavesNothingWhereItCannotListenAndMayListenElsewhere() throws IOException {
        Path nowhere = folder.resolve("no-such-folder").resolve("q");
        assertThatThrownBy(() -> server.listen(nowhere)).isInstanceOf(UncheckedIOException.class);
        int before = descriptors();
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> server.listen(nowhere)).isInstanceOf(UncheckedIOException.class);
        }
        assertThat(descriptors()).isLessThan(before + 5);
        ready().close();
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    /** The limit started anew with each command that came. */
    @Test
    void waitsNoLongerThanItsLimitWhileOtherCommandsCome() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        server.on("y").reply();
        try (Client client = ready()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    try {
                        client.says("{\"execute\":\"y\"}", "{\"return\": {}}\r\n");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            server.awaitRequest("y", LONG);
            try {
                assertThatThrownBy(() -> server.awaitRequest("x", Duration.ofMillis(500)))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("no x within PT0.5S");
            } finally {
                over.set(true);
            }
            sending.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void isNotClosedByAThreadThatIsInterrupted() throws IOException {
        try (Client client = ready()) {
            server.awaitRequest("qmp_capabilities", LONG);
            Thread.currentThread().interrupt();
            server.send("still there");
            assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
            client.reads("still there");
        }
    }

    @Test
    void isAGuestAgent() throws IOException {
        try (FakeQmpServer agent = FakeQmpServer.guestAgent()) {
            agent.listen(socket());
            try (Client client = connect()) {
                client.says(
                        "\u00ff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}",
                        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray '\\ufffd'\"}}\n"
                                + "\u00ff{\"return\": 7}\n");
                client.says("{\"execute\":\"guest-ping\",\"id\":1}", "{\"return\": {}, \"id\": 1}\n");
                agent.withoutIds();
                client.says("{\"execute\":\"guest-ping\",\"id\":1}", "{\"return\": {}}\n");
                client.says("{\"execute\":\"guest-info\",\"id\":1}", "{\"return\": {\"version\": \"11.1.3\"");
            }
        }
    }
}
