/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OutputSinkTest {
    private static final class Heard implements OutputSink.Listener {
        private final List<Throwable> failures = new ArrayList<>();
        private boolean ended;

        @Override
        public void streamEnded() {
            ended = true;
        }

        @Override
        public void sinkFailed(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void streamLost(String reason) {
            throw new AssertionError(reason);
        }
    }

    private final Heard heard = new Heard();

    private OutputSink sink(Consumer<String> lines) {
        return new OutputSink(Optional.of(lines), Optional.empty(), 1 << 20, heard);
    }

    private static void take(OutputSink sink, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sink.bytes(bytes, 0, bytes.length);
    }

    @Test
    void anErrorOfASinkIsToldOnceAndTheStreamIsReadOn() {
        OutputSink sink = sink(line -> {
            throw new AssertionError(line);
        });
        take(sink, "one\ntwo\n");
        take(sink, "three");
        sink.end();

        assertThat(heard.failures).singleElement().isInstanceOf(AssertionError.class);
        assertThat(heard.ended).isTrue();
        assertThat(sink.kept()).asString(StandardCharsets.UTF_8).isEqualTo("one\ntwo\nthree");
    }

    @Test
    void anErrorAtTheLastLineIsToldToo() {
        OutputSink sink = sink(line -> {
            throw new AssertionError(line);
        });
        take(sink, "no end");
        sink.end();

        assertThat(heard.failures).singleElement().isInstanceOf(AssertionError.class);
        assertThat(heard.ended).isTrue();
    }

    @Test
    void aLineWithoutEndIsCutForTheSinkOnly() {
        List<String> lines = new ArrayList<>();
        OutputSink sink = sink(lines::add);
        take(sink, "x".repeat(100_000));
        take(sink, "x".repeat(100_000) + "\nnext\n");
        sink.end();

        assertThat(lines).containsExactly("x".repeat(OutputSink.LONGEST_LINE), "next");
        assertThat(sink.kept()).hasSize(200_006);
    }
}
