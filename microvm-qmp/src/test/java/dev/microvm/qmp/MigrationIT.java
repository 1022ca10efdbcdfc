/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static dev.microvm.qmp.ReleaseSession.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.command.Cont;
import dev.microvm.qmp.command.Migrate;
import dev.microvm.qmp.command.MigrateIncoming;
import dev.microvm.qmp.command.MigrateSetCapabilities;
import dev.microvm.qmp.command.Pmemsave;
import dev.microvm.qmp.command.QueryMigrate;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.Stop;
import dev.microvm.qmp.event.MigrationEvent;
import dev.microvm.qmp.model.MigrationCapability;
import dev.microvm.qmp.model.MigrationCapabilityStatus;
import dev.microvm.qmp.model.MigrationInfo;
import dev.microvm.qmp.model.MigrationRAMStats;
import dev.microvm.qmp.model.MigrationStatus;
import dev.microvm.qmp.model.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A machine goes into a file and comes back out of it, with typed commands, in each release. */
class MigrationIT {
    private static final List<String> MACHINE = List.of("-M", "q35", "-accel", "tcg", "-m", "64");
    /** Where a PC's firmware keeps its interrupt vectors: zero until it has run. */
    private static final int VECTORS = 0x400;

    @TempDir
    Path folder;

    /** QEMU 7.2 cannot write to a file itself. */
    private static String uri(QemuRelease release, Path file, boolean out) {
        return release != QemuRelease.V7_2 ? "file:" + file : "exec:cat " + (out ? "> " : "< ") + file;
    }

    private static MigrationStatus migrate(QmpClient client, QmpCommand<?> command) {
        client.execute(
                MigrateSetCapabilities.of(List.of(MigrationCapabilityStatus.of(MigrationCapability.EVENTS, true))));
        return client.executeAndAwait(
                        command,
                        MigrationEvent.TYPE,
                        event -> event.data().status().equals(MigrationStatus.COMPLETED)
                                || event.data().status().equals(MigrationStatus.FAILED),
                        LONG)
                .data()
                .status();
    }

    private byte[] memory(QmpClient client, long size) throws IOException {
        Path file = folder.resolve("memory");
        client.execute(Pmemsave.of(0, size, file.toString()));
        return Files.readAllBytes(file);
    }

    private void runUntilTheFirmwareHasWritten(QmpClient client) throws IOException {
        long deadline = System.nanoTime() + LONG.toNanos();
        assertThat(memory(client, VECTORS)).containsOnly(0);
        client.execute(Cont.of());
        while (Arrays.equals(memory(client, VECTORS), new byte[VECTORS])) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
        }
        client.execute(Stop.of());
    }

    private static void awaitStatus(QmpClient client, RunState status) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!client.execute(QueryStatus.of()).status().equals(status)) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
        }
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void goesIntoAFileAndComesBack(QemuRelease release) throws IOException {
        Path file = folder.resolve("state");
        byte[] written;
        try (ReleaseSession session = release.start(folder, MACHINE)) {
            QmpClient client = session.client();
            runUntilTheFirmwareHasWritten(client);
            written = memory(client, 1 << 20);
            Migrate out = Migrate.builder().uri(uri(release, file, true)).build();
            assertThat(migrate(client, out)).isEqualTo(MigrationStatus.COMPLETED);
            MigrationInfo info = client.execute(QueryMigrate.of());
            assertThat(info.status()).isEqualTo(MigrationStatus.COMPLETED);
            MigrationRAMStats ram = Objects.requireNonNull(info.ram());
            assertThat(ram.total()).isGreaterThanOrEqualTo(64 << 20);
            assertThat(ram.transferred()).isPositive().isLessThanOrEqualTo(Files.size(file));
            awaitStatus(client, RunState.POSTMIGRATE); // a moment after the event
        }
        List<String> incoming = new ArrayList<>(MACHINE);
        incoming.addAll(List.of("-incoming", "defer"));
        try (ReleaseSession session = release.start(folder, incoming)) {
            QmpClient client = session.client();
            assertThat(client.execute(QueryStatus.of()).status()).isEqualTo(RunState.INMIGRATE);
            MigrateIncoming in =
                    MigrateIncoming.builder().uri(uri(release, file, false)).build();
            assertThat(migrate(client, in)).isEqualTo(MigrationStatus.COMPLETED);
            assertThat(memory(client, 1 << 20)).isEqualTo(written);
            awaitStatus(client, RunState.PAUSED); // -S
            client.execute(Cont.of());
            assertThat(client.execute(QueryStatus.of()).status()).isEqualTo(RunState.RUNNING);
        }
    }
}
