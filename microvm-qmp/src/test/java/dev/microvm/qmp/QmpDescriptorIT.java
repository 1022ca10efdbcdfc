/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.AddFd;
import dev.microvm.qmp.command.Closefd;
import dev.microvm.qmp.command.Getfd;
import dev.microvm.qmp.command.QueryFdsets;
import dev.microvm.qmp.command.RemoveFd;
import dev.microvm.qmp.model.AddfdInfo;
import dev.microvm.qmp.model.FdsetFdInfo;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Descriptors that arrive in a real QEMU: it is looked at from outside which file it has open under the number it tells. */
class QmpDescriptorIT extends AbstractReleasesIT {

    private FileInputStream open(String name) throws Exception {
        Path file = folder.resolve(name);
        return new FileInputStream((Files.exists(file) ? file : Files.createFile(file)).toFile());
    }

    private static Path target(QemuUnderTest qemu, long descriptor) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/" + qemu.process().pid() + "/fd/" + descriptor));
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void addsADescriptorToASet(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            try (FileInputStream file = open("disk")) {
                AddfdInfo added = client.executeWithFd(
                        AddFd.builder().fdsetId(7).opaque("ro:disk").build(), file.getFD());
                assertThat(added.fdsetId()).isEqualTo(7);
                assertThat(target(qemu, added.fd())).isEqualTo(folder.resolve("disk"));
                assertThat(client.execute(QueryFdsets.of())).singleElement().satisfies(set -> {
                    assertThat(set.fdsetId()).isEqualTo(7);
                    assertThat(set.fds()).containsExactly(new FdsetFdInfo(added.fd(), "ro:disk"));
                });
                client.execute(RemoveFd.of(7));
                assertThat(client.execute(QueryFdsets.of())).isEmpty();
                assertThat(file.getFD().valid()).isTrue();
            }
        });
    }

    /** With out-of-band commands QEMU reads ahead, and would take the descriptor of a later command for that of an earlier one. */
    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void keepsManyDescriptorsApart(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int t = 0; t < 12; t++) {
                String name = "file" + t;
                threads.add(CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < 10; i++) {
                                try (FileInputStream file = open(name)) {
                                    AddfdInfo added = client.executeWithFd(AddFd.of(), file.getFD());
                                    assertThat(target(qemu, added.fd())).isEqualTo(folder.resolve(name));
                                    client.executeWithFd(Getfd.of(name), file.getFD());
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                            }
                        },
                        task -> new Thread(task).start()));
            }
            for (CompletableFuture<Void> thread : threads) {
                AbstractSessionTest.get(thread);
            }
            assertThat(client.execute(QueryFdsets.of())).hasSize(120);
            client.execute(Closefd.of("file0"));
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void saysWhatQemuSaysWithoutADescriptor(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            assertThatThrownBy(() -> client.execute(Getfd.of("f")))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("No file descriptor supplied via SCM_RIGHTS");
        });
    }
}
