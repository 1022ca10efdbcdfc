/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.command.QueryYank;
import java.io.FileDescriptor;
import org.junit.jupiter.api.Test;

class PendingCallsTest {
    private final PendingCalls calls = new PendingCalls();

    @Test
    void givesTheSmallestFreeId() {
        assertThat(add("a").id()).isZero();
        assertThat(add("b").id()).isEqualTo(1);
        assertThat(add("c").id()).isEqualTo(2);
        sendAll();
        calls.take(1);
        assertThat(add("d").id()).isEqualTo(1);
        assertThat(add("e").id()).isEqualTo(3);
    }

    @Test
    void takesTheOldestInTheOrderOfSendingAndNotOfIds() {
        add("a");
        add("b");
        sendAll();
        calls.take(0);
        add("c");
        sendAll();
        assertThat(calls.takeOldest()).map(PendingCall::command).contains("b");
        assertThat(calls.takeOldest()).map(PendingCall::command).contains("c");
        assertThat(calls.takeOldest()).isEmpty();
    }

    @Test
    void takesTheOldestInBandBeforeAnyOutOfBand() {
        addOutOfBand();
        add("a");
        sendAll();
        assertThat(calls.takeOldest()).map(PendingCall::command).contains("a");
        assertThat(calls.takeOldest()).map(PendingCall::command).contains("query-yank");
    }

    @Test
    void takesNothingForARereplyToWhatWasNotSent() {
        PendingCall waiting = add("a");
        assertThat(calls.take(waiting.id())).isEmpty();
        assertThat(calls.takeOldest()).isEmpty();
        assertThat(calls.size()).isEqualTo(1);
    }

    @Test
    void letsOnlySoManyInBandGoAtATime() {
        calls.limitInBand(2);
        PendingCall first = add("a");
        PendingCall second = add("b");
        PendingCall third = add("c");
        assertThat(calls.nextToSend()).contains(first);
        assertThat(calls.nextToSend()).contains(second);
        assertThat(calls.nextToSend()).isEmpty();
        assertThat(calls.unsent()).isEqualTo(1);
        calls.take(second.id());
        assertThat(calls.nextToSend()).contains(third);
    }

    @Test
    void letsOutOfBandOvertakeWhatWaits() {
        calls.limitInBand(1);
        add("a");
        add("b");
        sendAll();
        PendingCall urgent = addOutOfBand();
        assertThat(calls.nextToSend()).contains(urgent);
        assertThat(calls.nextToSend()).isEmpty();
        calls.take(urgent.id());
        assertThat(calls.nextToSend()).as("it had no place to give back").isEmpty();
    }

    @Test
    void letsOneDescriptorGoAtATimeAndKeepsTheOrder() {
        PendingCall first = addWithDescriptor();
        PendingCall second = addWithDescriptor();
        PendingCall third = add("c");
        assertThat(calls.nextToSend()).contains(first);
        assertThat(calls.nextToSend()).isEmpty();
        calls.take(first.id());
        assertThat(calls.nextToSend()).contains(second);
        assertThat(calls.nextToSend()).contains(third);
    }

    @Test
    void withdrawsOnlyWhatWasNotSent() {
        calls.limitInBand(1);
        PendingCall first = add("a");
        PendingCall second = add("b");
        sendAll();
        assertThat(calls.withdraw(first)).isFalse();
        assertThat(calls.withdraw(second)).isTrue();
        assertThat(calls.withdraw(second)).isFalse();
        calls.take(first.id());
        assertThat(calls.nextToSend()).isEmpty();
        assertThat(calls.size()).isZero();
        assertThat(add("c").id()).isZero();
    }

    @Test
    void letsNothingInWhenClosed() {
        calls.limitInBand(1);
        add("a");
        add("b");
        sendAll();
        assertThat(calls.close()).extracting(PendingCall::command).containsExactly("a", "b");
        assertThat(calls.add(outgoing("c"))).isEmpty();
        assertThat(calls.nextToSend()).isEmpty();
        assertThat(calls.size()).isZero();
    }

    @Test
    void knowsNoIdThatWasNotGiven() {
        assertThat(calls.take(7)).isEmpty();
    }

    private static Outgoing outgoing(String command) {
        return Outgoing.inBand(new RawCommand(command, JsonValue.Obj.EMPTY));
    }

    private PendingCall add(String command) {
        return calls.add(outgoing(command)).orElseThrow();
    }

    private PendingCall addOutOfBand() {
        return calls.add(Outgoing.outOfBand(QueryYank.of())).orElseThrow();
    }

    private PendingCall addWithDescriptor() {
        return calls.add(Outgoing.with(FileDescriptor.in, new RawCommand("getfd", JsonValue.Obj.EMPTY)))
                .orElseThrow();
    }

    private void sendAll() {
        while (calls.nextToSend().isPresent()) {
            // until none is due
        }
    }
}
