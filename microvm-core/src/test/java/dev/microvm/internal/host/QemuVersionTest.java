/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QemuVersionTest {
    @Test
    void readsTheBannersOfDistributions() {
        assertThat(QemuVersion.fromBanner("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright"))
                .contains(new QemuVersion(7, 2, 22));
        assertThat(QemuVersion.fromBanner("QEMU emulator version 10.0.2 (qemu-10.0.2-1.fc43)"))
                .contains(new QemuVersion(10, 0, 2));
        assertThat(QemuVersion.fromBanner("QEMU emulator version 9.1")).contains(new QemuVersion(9, 1, 0));
        assertThat(QemuVersion.fromBanner("true (GNU coreutils) 9.1")).isEmpty();
    }

    @Test
    void comparesNumbersAndNotText() {
        assertThat(new QemuVersion(10, 0, 0)).isGreaterThan(new QemuVersion(9, 2, 4));
        assertThat(new QemuVersion(7, 2, 22)).isGreaterThan(new QemuVersion(7, 2, 9));
    }

    @Test
    void namesTheUserInTheFormOfTheVersion() {
        assertThat(QemuFeatures.of(new QemuVersion(7, 2, 22)).runWithUser()).isFalse();
        assertThat(QemuFeatures.of(new QemuVersion(9, 0, 4)).runWithUser()).isFalse();
        assertThat(QemuFeatures.of(new QemuVersion(9, 1, 0)).runWithUser()).isTrue();
        assertThat(QemuFeatures.of(new QemuVersion(10, 0, 2)).runWithUser()).isTrue();
    }

    @Test
    void givesTheReconnectPauseInMillisecondsFrom92On() {
        assertThat(QemuFeatures.of(new QemuVersion(9, 1, 3)).reconnectMs()).isFalse();
        assertThat(QemuFeatures.of(new QemuVersion(9, 2, 0)).reconnectMs()).isTrue();
        assertThat(QemuFeatures.of(new QemuVersion(11, 1, 0)).reconnectMs()).isTrue();
    }
}
