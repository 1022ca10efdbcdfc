/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** However the stream is cut, exactly what stands between the nonces comes out. */
class NonceSplitterPropertyTest {
    private static final String NONCE = "aabaabab";

    private static final class Collected implements NonceSplitter.Sink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int ends;

        @Override
        public void bytes(byte[] buffer, int from, int to) {
            assertThat(ends).isZero();
            bytes.write(buffer, from, to - from);
        }

        @Override
        public void end() {
            ends++;
        }
    }

    /** Text that looks like pieces of the nonce and is none. */
    @Provide
    Arbitrary<String> noise() {
        return Arbitraries.of("a", "b", "aab", "aabaaba", "ab", "x", "\n")
                .list()
                .ofMaxSize(20)
                .map(parts -> String.join("", parts))
                .filter(text -> !text.contains(NONCE));
    }

    @Property(tries = 2000)
    void findsTheOutput(
            @ForAll("noise") String late,
            @ForAll("noise") String output,
            @ForAll("noise") String after,
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 9) Integer> cuts) {
        // A nonce is random, so no text of a command ends in a way that makes one together with its beginning.
        String stream = "x" + late + "y" + NONCE + output + "z" + NONCE + "y" + after;
        Collected collected = new Collected();
        NonceSplitter splitter = new NonceSplitter(NONCE.getBytes(StandardCharsets.US_ASCII), collected);

        byte[] bytes = stream.getBytes(StandardCharsets.US_ASCII);
        int from = 0;
        for (int i = 0; from < bytes.length; i++) {
            int to = Math.min(bytes.length, from + cuts.get(i % cuts.size()));
            byte[] chunk = Arrays.copyOfRange(bytes, from, to);
            splitter.take(chunk, chunk.length);
            from = to;
        }

        assertThat(collected.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo(output + "z");
        assertThat(collected.ends).isEqualTo(1);
    }

    @Example
    void holdsNothingBackThatCannotBeANonce() {
        Collected collected = new Collected();
        NonceSplitter splitter = new NonceSplitter(NONCE.getBytes(StandardCharsets.US_ASCII), collected);
        byte[] bytes = (NONCE + "ready\n").getBytes(StandardCharsets.US_ASCII);

        splitter.take(bytes, bytes.length);

        assertThat(collected.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("ready\n");
        assertThat(collected.ends).isZero();
    }
}
