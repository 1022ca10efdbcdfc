/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VirtiofsdVersionTest {
    @ParameterizedTest
    @CsvSource({
        "virtiofsd 1.13.2, 1.13.2",
        "virtiofsd backend 1.7.0, 1.7.0",
        "virtiofsd 1.14.0-dev, 1.14.0",
        "virtiofsd 2.0, 2.0.0",
        "'virtiofsd 1.10.0 (built by somebody)', 1.10.0"
    })
    void readsBothFormsOfTheRustDaemon(String line, String version) {
        assertThat(VirtiofsdVersion.parse(line + "\n").orElseThrow()).hasToString(version);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "virtiofsd version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright (c) 2003-2022",
                "true (GNU coreutils) 9.1",
                "",
                "virtiofsd"
            })
    void knowsWhatIsNotTheRustDaemon(String output) {
        assertThat(VirtiofsdVersion.parse(output)).isEmpty();
    }

    @Test
    void comparesNumbersNotText() {
        assertThat(new VirtiofsdVersion(1, 13, 0)).isGreaterThan(new VirtiofsdVersion(1, 9, 9));
        assertThat(new VirtiofsdVersion(1, 13, 0).isAtLeast(new VirtiofsdVersion(1, 13, 0)))
                .isTrue();
        assertThat(new VirtiofsdVersion(1, 12, 9).isAtLeast(new VirtiofsdVersion(1, 13, 0)))
                .isFalse();
    }
}
