/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.MachineType;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class QemuCommandLineTest {
    static List<GoldenCase> cases() {
        return GoldenCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rendersTheGoldenCommandLine(GoldenCase golden) throws IOException {
        List<String> arguments = GoldenFile.withPlaceholders(golden.render().arguments());
        GoldenFile.updateIfAsked(golden.name(), arguments);
        assertThat(arguments).isEqualTo(GoldenFile.read(golden.name()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesEveryArgumentAReason(GoldenCase golden) {
        CommandLine line = golden.render();
        assertThat(line.words()).allSatisfy(word -> assertThat(word.reason()).isNotBlank());
        assertThat(line.explain())
                .contains(line.words().stream().map(Argument::reason).toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rendersTheSameTwice(GoldenCase golden) {
        assertThat(golden.render()).isEqualTo(golden.render());
    }

    /** What is referred to stands before what refers to it. */
    @ParameterizedTest
    @MethodSource("cases")
    void putsBackEndsBeforeFrontEnds(GoldenCase golden) {
        List<String> words = golden.render().arguments();
        List<String> references = List.of("chardev", "fsdev", "netdev", "drive", "rng", "memory-backend");
        for (int i = 0; i < words.size(); i++) {
            for (QemuOptions.Option option : QemuOptions.parse(words.get(i))) {
                if (references.contains(option.key())) {
                    assertThat(words.subList(0, i))
                            .as(words.get(i))
                            .anyMatch(word -> QemuOptions.values(word, "id").contains(option.value())
                                    || QemuOptions.values(word, "node-name").contains(option.value()));
                }
            }
        }
    }

    /** The lifeline's umask, 077, once left nothing of fmode and dmode but the owner's bits. */
    @ParameterizedTest
    @MethodSource("cases")
    void takesAsManyBitsOffTheUmaskAsNewFilesOfMappedSharesNeed(GoldenCase golden) {
        CommandLine line = golden.render();
        if (golden.name().equals("host-root")) {
            assertThat(line.launch())
                    .startsWith("sh", "-c", "umask 022 && exec \"$@\"", "sh")
                    .endsWith(line.command().toArray(String[]::new));
            assertThat(line.runScript()).contains("umask 022");
        } else {
            assertThat(line.runScript()).doesNotContain("umask");
        }
    }

    /** Counted once by the families and once in what they rendered. */
    @ParameterizedTest
    @MethodSource("cases")
    void countsTheMmioDevicesThatItRenders(GoldenCase golden) {
        long rendered = golden.render().arguments().stream()
                .filter(word -> word.matches("(virtio|vhost)[a-z0-9-]*-device(,.*)?"))
                .count();
        if (QemuCommandLine.machineOf(golden.spec()) == MachineType.MICROVM) {
            assertThat(QemuCommandLine.mmioDevices(golden.spec())).hasValue((int) rendered);
        } else {
            assertThat(rendered).isZero();
            assertThat(QemuCommandLine.mmioDevices(golden.spec())).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sharesMemoryExactlyWhereVirtiofsAsksForIt(GoldenCase golden) {
        String all = String.join(" ", golden.render().arguments());
        boolean virtiofs = all.contains("vhost-user-fs");
        assertThat(all.contains("memory-backend-memfd")).isEqualTo(virtiofs);
        assertThat(all.contains("share=on")).isEqualTo(virtiofs);
        assertThat(all.contains("memory-backend=mem")).isEqualTo(virtiofs);
    }

    @Test
    void namesTheSocketsThatNeedAListener() {
        CommandLine line = GoldenCase.all().stream()
                .filter(golden -> golden.name().equals("virtiofs"))
                .findFirst()
                .orElseThrow()
                .render();
        assertThat(line.sockets())
                .extracting(path -> path.getFileName().toString())
                .containsExactly("qmp.sock", "control.sock", "fs0.sock", "fs1.sock");
        assertThat(line.runScript()).contains("#   /RUN/qmp.sock\n", "\nexec /usr/bin/qemu-system-x86_64 \\\n");
    }
}
