/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class VirtiofsdOptionsTest {
    private static void refuses(UnaryOperator<VirtiofsdOptions.Builder> change, String... message) {
        VirtiofsdOptions.Builder builder = change.apply(VirtiofsdOptions.builder());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(message);
    }

    @Test
    void refusesValuesThatNoDaemonTakes() {
        refuses(options -> options.threadPoolSize(-1), "VirtiofsdOptions.threadPoolSize = -1: must be 0 to 1024");
        refuses(options -> options.queueSize(100), "VirtiofsdOptions.queueSize = 100: must be a power of two");
        refuses(options -> options.queueSize(2048), "must be 1 to 1024");
        refuses(options -> options.socketGroup(" "), "VirtiofsdOptions.socketGroup");
        refuses(options -> options.addAllAddedCapabilities(List.of("CAP_CHOWN")), "addedCapabilities", "without cap_");
        refuses(options -> options.addAllDroppedCapabilities(List.of("cap_chown")), "droppedCapabilities");
        refuses(
                options ->
                        options.addAllAddedCapabilities(List.of("chown")).addAllDroppedCapabilities(List.of("chown")),
                "chown: is dropped, too");
        refuses(options -> options.addExtraArguments("a\0b"), "holds NUL");
    }

    /** 1.13.2: "Limit is 400, must be at least 610"; with 64 threads 673. */
    @Test
    void knowsHowManyDescriptorsTheDaemonNeedsForItself() {
        refuses(options -> options.rlimitNofile(609), "must be 0, or 610 at least");
        refuses(options -> options.rlimitNofile(672).threadPoolSize(64), "must be 0, or 673 at least");
        assertThat(VirtiofsdOptions.builder().rlimitNofile(610).build().rlimitNofile())
                .contains(610);
        assertThat(VirtiofsdOptions.builder().rlimitNofile(0).build().rlimitNofile())
                .contains(0);
    }

    @Test
    void migratesByHandlesWithoutWhatBelongsToPaths() {
        assertThatThrownBy(() -> VirtiofsMigration.builder()
                        .mode(VirtiofsMigration.Mode.FILE_HANDLES)
                        .confirmPaths(true)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("for FIND_PATHS only");
    }
}
