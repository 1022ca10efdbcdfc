/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchOptionsTest {
    @Test
    void consoleIsLimitedUnlessToldOtherwise() {
        assertThat(LaunchOptions.DEFAULTS.maxConsoleLogBytes()).isEqualTo(4_194_304);
        assertThat(LaunchOptions.builder().maxConsoleLogBytes(0).build().maxConsoleLogBytes())
                .isZero();
        assertThat(LaunchOptions.builder().maxConsoleLogBytes(131_072).build().maxConsoleLogBytes())
                .isEqualTo(131_072);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1, 131_071})
    void refusesALimitOfTheConsoleThatIsLessThanTwiceWhatMemoryHolds(long bytes) {
        LaunchOptions.Builder builder = LaunchOptions.builder().maxConsoleLogBytes(bytes);

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LaunchOptions.maxConsoleLogBytes = " + bytes)
                .hasMessageContaining("0 (no limit) or at least 131072");
    }
}
