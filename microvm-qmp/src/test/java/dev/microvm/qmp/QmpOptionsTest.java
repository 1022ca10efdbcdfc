/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QmpOptionsTest {

    @Test
    void hasADefaultForEverything() {
        QmpOptions options = QmpOptions.defaults();
        assertThat(options.name()).isEqualTo("client");
        assertThat(options.commandTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.socketWait()).isZero();
        assertThat(options.transport()).isEqualTo(TransportKind.AUTO);
        assertThat(options.eventQueueSize()).isEqualTo(1024);
        assertThat(options.maxReplyBytes()).isEqualTo(64L * 1024 * 1024);
        assertThat(options.traffic()).isEmpty();
    }

    @Test
    void takesOverTheValuesOfOthers() {
        QmpOptions first = QmpOptions.builder().name("a").eventQueueSize(3).build();
        assertThat(QmpOptions.builder().from(first).name("b").build().eventQueueSize())
                .isEqualTo(3);
    }

    @Test
    void refusesWhatCannotWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> QmpOptions.builder().commandTimeout(Duration.ZERO).build())
                .withMessageContaining("commandTimeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QmpOptions.builder()
                        .connectTimeout(Duration.ofSeconds(-1))
                        .build())
                .withMessageContaining("connectTimeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        QmpOptions.builder().socketWait(Duration.ofSeconds(-1)).build())
                .withMessageContaining("socketWait");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QmpOptions.builder().eventQueueSize(0).build())
                .withMessageContaining("eventQueueSize");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QmpOptions.builder().maxReplyBytes(0).build())
                .withMessageContaining("maxReplyBytes");
    }
}
