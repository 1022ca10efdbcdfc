/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemdTextPropertyTest {
    /** As {@code systemd-escape --path} of systemd 252 prints them; {@code GuestMountsIT} asks it about random ones. */
    @ParameterizedTest
    @CsvSource({
        "/, -",
        "/var/lib/foo, var-lib-foo",
        "/nix/.ro-store, nix-.ro\\x2dstore",
        "/.hidden/..x, \\x2ehidden-..x",
        "/a b, a\\x20b",
        "/é, \\xc3\\xa9",
        "/x:y_z, x:y_z"
    })
    void escapesAsSystemdDoes(String path, String name) {
        assertThat(SystemdText.escapePath(path)).isEqualTo(name);
    }

    @Provide
    static Arbitrary<String> paths() {
        return Arbitraries.of("a", "-", "x2d", "\\", "\\x2d", ".", "é")
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(letters -> String.join("", letters))
                .list()
                .ofMinSize(1)
                .ofMaxSize(2)
                .map(parts -> "/" + String.join("/", parts));
    }

    /** Two mount points must never get one unit. */
    @Property(tries = 3000)
    void differentPathsHaveDifferentNames(@ForAll("paths") String one, @ForAll("paths") String two) {
        assertThat(SystemdText.escapePath(one).equals(SystemdText.escapePath(two)))
                .as("%s and %s", one, two)
                .isEqualTo(one.equals(two));
    }

    @Property
    void namesHoldOnlyWhatUnitNamesMay(@ForAll @StringLength(min = 1, max = 20) String path) {
        assertThat(SystemdText.escapePath("/" + path)).matches("[A-Za-z0-9:_.\\\\-]+");
    }
}
