/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What other tests rely on: once, the last lines of a program that had ended were missing. */
class ChildJvmIT {
    /** Ends before the last line is there: a child of its own writes that, as a busy machine may deliver it late. */
    static final class Talker {
        private Talker() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println("first");
            System.out.flush();
            new ProcessBuilder("sh", "-c", "sleep 0.5; echo last").inheritIO().start();
        }
    }

    @Test
    void outputOfAProgramThatHasEndedIsWhole() throws Exception {
        try (ChildJvm talker = ChildJvm.start(Talker.class)) {
            assertThat(talker.awaitExit(Duration.ofSeconds(60))).isZero();

            assertThat(talker.output().lines()).containsExactly("first", "last");
        }
    }
}
