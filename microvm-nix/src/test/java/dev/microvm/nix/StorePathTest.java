/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StorePathTest {
    private static final String GOOD = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a+b_c.d?e=f-1";

    @Test
    void acceptsTheFormNixUses() {
        assertThat(StorePath.check(GOOD)).isEqualTo(GOOD);
        assertThat(StorePath.checkName("a+b_c.d?e=f-1")).isEqualTo("a+b_c.d?e=f-1");
    }

    @Test
    void refusesNamesNixWouldRefuseBeforeItIsAsked() {
        for (String bad : new String[] {"", ".hidden", "a b", "ü", "a/b", "x".repeat(212)}) {
            assertThatThrownBy(() -> StorePath.checkName(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("letters, digits");
        }
    }

    @Test
    void privateStoresMapLogicalPathsToTheirFolder() {
        NixStore store = NixStore.privateStore(Path.of("/srv/x/../s"));
        assertThat(store.physicalStore()).isEqualTo(Path.of("/srv/s/nix/store"));
        assertThat(store.stateFolder()).isEqualTo(Path.of("/srv/s/nix/var/nix"));
        assertThat(store.physical(GOOD + "/bin/x")).isEqualTo(Path.of("/srv/s" + GOOD + "/bin/x"));
        assertThat(store).isEqualTo(NixStore.privateStore(Path.of("/srv/s"))).isNotEqualTo(NixStore.host());
        assertThat(NixStore.host().physical(GOOD)).isEqualTo(Path.of(GOOD));
    }

    @Test
    void refusesPathsThatLeaveTheStore() {
        NixStore store = NixStore.privateStore(Path.of("/srv/s"));
        for (String bad : new String[] {"/nix/store/../var", "/etc/passwd", "nix/store/x", "/nix/store"}) {
            assertThatThrownBy(() -> store.physical(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> NixStore.privateStore(Path.of("/"))).hasMessageContaining("NixStore.host()");
    }

    @Test
    void stringLiteralsEscapeWhatNixWouldInterpret() {
        assertThat(NixExpressions.string("a\"b\\c${d}\r\ne")).isEqualTo("\"a\\\"b\\\\c\\${d}\\r\ne\"");
        assertThatThrownBy(() -> NixExpressions.string("a\0")).hasMessageContaining("NUL at 1");
    }
}
