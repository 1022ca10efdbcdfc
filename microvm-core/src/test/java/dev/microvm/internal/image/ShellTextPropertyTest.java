/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Any text survives, in every shell there is. */
class ShellTextPropertyTest {
    /** What shells treat specially, and everything else; NUL and halves of surrogates cannot be carried. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> special = Arbitraries.of(
                "\\", "\n", "'", "\"", "$", "`", " ", "\t", "%", "\\n", "\\0", "\\c", "!", "*", "\r", "\u007f", "é",
                "😀");
        Arbitrary<String> any =
                Arbitraries.strings().withCharRange('\u0001', '\ud7ff').ofMaxLength(5);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(3, special), net.jqwik.api.Tuple.of(1, any))
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void encodedTextIsOneLineAndComesBack(@ForAll("texts") String text) throws IOException, InterruptedException {
        String line = ShellText.encode(text);
        assertThat(line).doesNotContain("\n");
        for (List<String> shell : Shells.all()) {
            // As the control loop does it.
            String back = Shells.run(shell, "IFS= read -r line; printf %b \"$line\"", line + "\n");
            assertThat(back).as("%s", shell).isEqualTo(text);
        }
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void quotedTextIsOneWord(@ForAll("texts") String text) throws IOException, InterruptedException {
        for (List<String> shell : Shells.all()) {
            String script = "set -- " + ShellText.quote(text) + "; printf '%s|%s' $# \"$1\"";
            // By standard input: in the POSIX locale of a bare machine Java passes no é as an argument.
            String back = Shells.run(shell, "eval \"$(cat)\"", script);
            assertThat(back).as("%s", shell).isEqualTo("1|" + text);
        }
    }

    @Example
    void refusesNul() {
        assertThatThrownBy(() -> ShellText.quote("a\0b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("index 1");
    }
}
