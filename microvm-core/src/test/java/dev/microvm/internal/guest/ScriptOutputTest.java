/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptOutputTest {
    private final ScriptOutput output = new ScriptOutput();

    @Test
    void keepsWhatAScriptSays() {
        List.of("one", "", "two").forEach(output::take);

        assertThat(output.lines()).containsExactly("one", "", "two");
    }

    @Test
    void keepsABoundedNumberOfLinesAndTellsOfTheOthers() {
        for (int i = 0; i < 5_000; i++) {
            output.take("line " + i);
        }

        assertThat(output.lines())
                .hasSize(ScriptOutput.MOST_LINES + 1)
                .startsWith("line 0")
                .endsWith("(4000 more lines were left out)");
    }

    @Test
    void keepsABoundedNumberOfCharacters() {
        for (int i = 0; i < 100; i++) {
            output.take("x".repeat(64 << 10));
        }

        assertThat(output.lines()).hasSize(17).endsWith("(84 more lines were left out)");
    }
}
