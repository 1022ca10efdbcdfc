/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PendingCallsTest {
    private final PendingCalls calls = new PendingCalls();

    @Test
    void givesTheSmallestFreeId() {
        assertThat(add("a")).isZero();
        assertThat(add("b")).isEqualTo(1);
        assertThat(add("c")).isEqualTo(2);
        calls.take(1);
        assertThat(add("d")).isEqualTo(1);
        assertThat(add("e")).isEqualTo(3);
    }

    @Test
    void takesTheOldestInTheOrderOfSendingAndNotOfIds() {
        add("a");
        add("b");
        calls.take(0);
        add("c");
        assertThat(calls.takeOldest()).map(PendingCall::command).contains("b");
        assertThat(calls.takeOldest()).map(PendingCall::command).contains("c");
        assertThat(calls.takeOldest()).isEmpty();
    }

    @Test
    void letsNothingInWhenClosed() {
        add("a");
        assertThat(calls.close()).extracting(PendingCall::command).containsExactly("a");
        assertThat(calls.add("b")).isEmpty();
        assertThat(calls.size()).isZero();
    }

    @Test
    void knowsNoIdThatWasNotGiven() {
        assertThat(calls.take(7)).isEmpty();
    }

    private int add(String command) {
        return calls.add(command).orElseThrow().id();
    }
}
