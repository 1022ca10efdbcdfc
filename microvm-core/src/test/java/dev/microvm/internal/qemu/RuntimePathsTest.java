/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class RuntimePathsTest {
    @Test
    void namesFilesBelowTheFolder() {
        RuntimePaths paths = RuntimePaths.in(Path.of("/run/x"));
        assertThat(paths.portSocket(7, PortStream.ERR)).isEqualTo(Path.of("/run/x/ports/p7e"));
        assertThat(paths.consoleLog()).isEqualTo(Path.of("/run/x/console.log"));
    }

    @Test
    void takesTheLongestFolderThatFits() {
        String name = "/control.sock";
        String longest = "/" + "x".repeat(RuntimePaths.MAX_SOCKET_PATH_BYTES - name.length() - 1);
        assertThat(RuntimePaths.in(Path.of(longest)).controlSocket().toString()).hasSize(106);
        assertThatThrownBy(() -> RuntimePaths.in(Path.of(longest + "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 107 bytes, a socket's path ends at 106")
                .hasMessageContaining("XDG_RUNTIME_DIR");
    }

    @Test
    void refusesARelativeFolder() {
        assertThatThrownBy(() -> RuntimePaths.in(Path.of("run"))).hasMessageContaining("must be absolute");
    }

    @Test
    void numbersSocketsByVirtiofsShareOnly() {
        VirtiofsShare share = VirtiofsShare.of("b", Path.of("/b"));
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(NinePShare.of("a", Path.of("/a")), share)
                .build();
        RuntimePaths paths = RuntimePaths.in(Path.of("/run/x"));
        assertThat(paths.shareSocket(spec, share)).isEqualTo(paths.shareSocket(0));
        assertThatThrownBy(() -> paths.shareSocket(spec, spec.shares().get(0)))
                .hasMessageContaining("share a: is not a virtiofs share of this spec");
    }
}
