/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventSubscriptionTest {
    private static final Duration SHORT = Duration.ofMillis(10);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final QmpEventType<Long> NUMBER = QmpEventType.of("NUMBER", in -> in.integer("n"));

    private final EventHub hub = new EventHub();
    private final EventSubscription<Long> subscription =
            hub.subscribe(Optional.of(NUMBER), event -> event.as(NUMBER), 3);

    private void publish(String name, long number) {
        hub.publish(new QmpEvent<>(name, JsonValue.Obj.EMPTY.with("n", number), Optional.empty()));
    }

    @Test
    void deliversItsOwnKindInOrder() {
        publish("NUMBER", 1);
        publish("OTHER", 9);
        publish("NUMBER", 2);
        assertThat(subscription.await(SHORT).data()).isEqualTo(1);
        assertThat(subscription.poll()).map(QmpEvent::data).contains(2L);
        assertThat(subscription.poll()).isEmpty();
    }

    @Test
    void dropsTheOldestAndCountsThem() {
        for (int i = 0; i < 10; i++) {
            publish("NUMBER", i);
        }
        assertThat(subscription.lost()).isEqualTo(7);
        assertThat(subscription.await(SHORT).data()).isEqualTo(7);
    }

    @Test
    void skipsWhatDoesNotFitAndSaysSo() {
        publish("NUMBER", 1);
        publish("NUMBER", 2);
        assertThat(subscription.await(event -> event.data() == 2, SHORT).data()).isEqualTo(2);
        publish("NUMBER", 3);
        assertThatThrownBy(() -> subscription.await(event -> event.data() == 4, SHORT))
                .isInstanceOf(QmpTimeoutException.class)
                .hasMessage("no event NUMBER within PT0.01S (1 came, but did not fit)");
    }

    @Test
    void deliversWhatCameBeforeTheEndAndThenFails() {
        publish("NUMBER", 1);
        hub.fail(new QmpClosedException("QEMU closed the connection", null));
        assertThat(subscription.await(LONG).data()).isEqualTo(1);
        assertThatThrownBy(() -> subscription.await(LONG))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining("NUMBER")
                .hasMessageContaining("QEMU closed the connection");
    }

    @Test
    void failsAtOnceWhenMadeAfterTheEnd() {
        hub.fail(new QmpClosedException("gone", null));
        EventSubscription<JsonValue.Obj> late = hub.subscribe(Optional.empty(), event -> event, 1);
        assertThatThrownBy(() -> late.await(LONG)).isInstanceOf(QmpClosedException.class);
    }

    @Test
    void isClosedForGood() {
        publish("NUMBER", 1);
        subscription.close();
        publish("NUMBER", 2);
        assertThat(subscription.poll()).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> subscription.await(LONG));
    }

    @Test
    void losesOnlyTheEventWhoseDataIsWrong() {
        hub.publish(new QmpEvent<>("NUMBER", JsonValue.Obj.EMPTY.with("n", "text"), Optional.empty()));
        publish("NUMBER", 5);
        assertThatThrownBy(() -> subscription.await(SHORT))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("NUMBER");
        assertThat(subscription.await(SHORT).data()).isEqualTo(5);
    }

    @Test
    void cancelsTheWaitOfAnInterruptedThread() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> subscription.await(LONG)).isInstanceOf(QmpCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** There is always one in the queue, so the wait never came to look at the clock. */
    @Test
    void endsAtItsLimitAlsoWhileOthersKeepComing() {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            publish("NUMBER", 1);
            assertThatThrownBy(() -> subscription.await(
                            event -> {
                                publish("NUMBER", 1);
                                return false;
                            },
                            SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("came, but did not fit");
        });
    }
}
