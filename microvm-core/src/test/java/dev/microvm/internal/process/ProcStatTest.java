/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcStatTest {
    private static final String TAIL = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20 21\n";

    @Test
    void countsFromTheLastParenthesis() {
        assertThat(ProcStat.parse("42 (a) Z (b) c) S" + TAIL)).isEqualTo(new ProcStat('S', 777));
    }

    @Test
    void takesZombiesForDead() {
        assertThat(ProcStat.parse("42 (sh) Z" + TAIL).alive()).isFalse();
        assertThat(ProcStat.parse("42 (sh) D" + TAIL).alive()).isTrue();
    }

    @Test
    void tellsAReusedIdByItsStartTime() {
        long self = ProcessHandle.current().pid();
        long start = ProcStat.of(self).orElseThrow().startTicks();

        assertThat(ProcStat.isAlive(self, start)).isTrue();
        assertThat(ProcStat.isAlive(self, start + 1)).isFalse();
        assertThat(ProcStat.of(Integer.MAX_VALUE)).isEmpty();
    }
}
