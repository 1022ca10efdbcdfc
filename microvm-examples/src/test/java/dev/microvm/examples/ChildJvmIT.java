/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;

/** What other tests rely on: once, the last lines of a program that had ended were missing. */
class ChildJvmIT {
    private static final int LINES = 600;
    private static final String LINE = "x".repeat(100);

    /** Says as much as a pipe holds, so that it has ended before anybody has read it. */
    static final class Talker {
        private Talker() {}

        public static void main(String[] arguments) {
            System.out.print((LINE + "\n").repeat(LINES));
        }
    }

    @RepeatedTest(3)
    void outputOfAProgramThatHasEndedIsWhole() throws Exception {
        try (ChildJvm talker = ChildJvm.start(Talker.class)) {
            assertThat(talker.awaitExit(Duration.ofSeconds(60))).isZero();

            assertThat(talker.output().lines()).hasSize(LINES).containsOnly(LINE);
        }
    }
}
