/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JavaTextTest {

    /** It was doubled where a comment has more than one line. */
    @Test
    void leavesAPercentSignAsItIs() {
        assertThat(new JavaText().doc(List.of("100 %", "", "50%d")).toString())
                .isEqualTo("/**\n * 100 %\n *\n * 50%d\n */\n");
        assertThat(new JavaText().doc(List.of("100 %")).toString()).isEqualTo("/** 100 % */\n");
    }
}
