/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static dev.microvm.qmp.ReleaseSession.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.BlockdevAdd;
import dev.microvm.qmp.command.BlockdevDel;
import dev.microvm.qmp.command.ChardevAdd;
import dev.microvm.qmp.command.ChardevRemove;
import dev.microvm.qmp.command.DeviceAdd;
import dev.microvm.qmp.command.DeviceDel;
import dev.microvm.qmp.command.NetdevAdd;
import dev.microvm.qmp.command.NetdevDel;
import dev.microvm.qmp.command.ObjectAdd;
import dev.microvm.qmp.command.ObjectDel;
import dev.microvm.qmp.command.QomList;
import dev.microvm.qmp.command.QueryChardev;
import dev.microvm.qmp.command.QueryIothreads;
import dev.microvm.qmp.command.QueryNamedBlockNodes;
import dev.microvm.qmp.command.RingbufRead;
import dev.microvm.qmp.command.RingbufWrite;
import dev.microvm.qmp.event.DeviceDeletedEvent;
import dev.microvm.qmp.model.BlockDeviceInfo;
import dev.microvm.qmp.model.BlockdevDriver;
import dev.microvm.qmp.model.BlockdevOptions;
import dev.microvm.qmp.model.BlockdevRef;
import dev.microvm.qmp.model.ChardevBackend;
import dev.microvm.qmp.model.ChardevInfo;
import dev.microvm.qmp.model.ChardevRingbuf;
import dev.microvm.qmp.model.IOThreadInfo;
import dev.microvm.qmp.model.Netdev;
import dev.microvm.qmp.model.ObjectOptions;
import dev.microvm.qmp.model.ObjectPropertyInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is added to a QEMU of each release with typed commands is seen by typed queries, and gone when it is removed. */
class RoundTripsIT {
    /** Ports of virtio-serial and devices on USB can be pulled without a guest that agrees. */
    private static final List<String> MACHINE = List.of(
            "-M",
            "q35",
            "-accel",
            "tcg",
            "-m",
            "64",
            "-device",
            "virtio-serial-pci,id=serial",
            "-device",
            "qemu-xhci,id=usb");

    @TempDir
    Path folder;

    private static List<String> blockNodes(QmpClient client) {
        return client.execute(QueryNamedBlockNodes.of()).stream()
                .map(BlockDeviceInfo::nodeName)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void addsAndRemovesABlockNode(QemuRelease release) throws IOException {
        Path disk = Files.write(folder.resolve("disk, with ünlikely name"), new byte[1 << 20]);
        try (ReleaseSession session = release.start(folder, QemuRelease.NO_MACHINE)) {
            QmpClient client = session.client();
            client.execute(BlockdevAdd.of(BlockdevOptions.Raw.builder()
                    .nodeName("disk")
                    .readOnly(true)
                    .file(BlockdevRef.of(BlockdevOptions.File.builder()
                            .nodeName("file")
                            .filename(disk.toString())
                            .build()))
                    .build()));
            BlockDeviceInfo node = client.execute(QueryNamedBlockNodes.of()).stream()
                    .filter(each -> "disk".equals(each.nodeName()))
                    .findFirst()
                    .orElseThrow();
            assertThat(node.drv()).isEqualTo(BlockdevDriver.RAW.value());
            assertThat(node.file()).isEqualTo(disk.toString());
            assertThat(node.ro()).isTrue();
            assertThat(node.image().virtualSize()).isEqualTo(1 << 20);

            client.execute(BlockdevDel.of("disk"));
            assertThat(blockNodes(client)).doesNotContain("disk", "file");
            assertThatThrownBy(() -> client.execute(BlockdevDel.of("disk"))).isInstanceOf(QmpErrorException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void addsAndRemovesAnObject(QemuRelease release) {
        try (ReleaseSession session = release.start(folder, QemuRelease.NO_MACHINE)) {
            QmpClient client = session.client();
            client.execute(ObjectAdd.of(
                    ObjectOptions.Iothread.builder().id("own").pollMaxNs(4096).build()));
            client.execute(ObjectAdd.of(
                    ObjectOptions.Secret.builder().id("hidden").data("geheim").build()));
            IOThreadInfo iothread = client.execute(QueryIothreads.of()).get(0);
            assertThat(iothread.id()).isEqualTo("own");
            assertThat(iothread.pollMaxNs()).isEqualTo(4096);
            assertThat(objects(client)).contains("own", "hidden");

            client.execute(ObjectDel.of("own"));
            client.execute(ObjectDel.of("hidden"));
            assertThat(client.execute(QueryIothreads.of())).isEmpty();
            assertThat(objects(client)).doesNotContain("own", "hidden");
        }
    }

    private static List<String> objects(QmpClient client) {
        return client.execute(QomList.of("/objects")).stream()
                .map(ObjectPropertyInfo::name)
                .toList();
    }

    private static void addRing(QmpClient client) {
        client.execute(ChardevAdd.of(
                "ring",
                ChardevBackend.Ringbuf.of(ChardevRingbuf.builder().size(4096).build())));
    }

    private static List<String> chardevs(QmpClient client) {
        return client.execute(QueryChardev.of()).stream()
                .map(ChardevInfo::label)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void addsAndRemovesACharacterDevice(QemuRelease release) {
        try (ReleaseSession session = release.start(folder, QemuRelease.NO_MACHINE)) {
            QmpClient client = session.client();
            addRing(client);
            assertThat(chardevs(client)).contains("ring");
            client.execute(RingbufWrite.of("ring", "Zoë"));
            assertThat(client.execute(RingbufRead.of("ring", 100))).isEqualTo("Zoë");

            client.execute(ChardevRemove.of("ring"));
            assertThat(chardevs(client)).doesNotContain("ring");
        }
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void plugsAndPullsDevices(QemuRelease release) {
        try (ReleaseSession session = release.start(folder, MACHINE)) {
            QmpClient client = session.client();
            addRing(client);
            client.execute(DeviceAdd.builder()
                    .driver("virtserialport")
                    .bus("serial.0")
                    .id("port")
                    .property("chardev", "ring")
                    .property("name", "org.example.port")
                    .property("nr", 5)
                    .build());
            client.execute(DeviceAdd.builder()
                    .driver("usb-tablet")
                    .id("tablet")
                    .bus("usb.0")
                    .build());
            assertThat(devices(client)).contains("port", "tablet");
            // The chardev is in use, which proves that the property arrived.
            assertThatThrownBy(() -> client.execute(ChardevRemove.of("ring"))).isInstanceOf(QmpErrorException.class);

            pull(client, "port");
            pull(client, "tablet");
            assertThat(devices(client)).doesNotContain("port", "tablet");
            client.execute(ChardevRemove.of("ring"));
        }
    }

    private static void pull(QmpClient client, String id) {
        QmpEvent<?> deleted = client.executeAndAwait(
                DeviceDel.of(id),
                DeviceDeletedEvent.TYPE,
                event -> id.equals(event.data().device()),
                LONG);
        assertThat(deleted.timestamp()).isPresent();
    }

    private static List<String> devices(QmpClient client) {
        return client.execute(QomList.of("/machine/peripheral")).stream()
                .map(ObjectPropertyInfo::name)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void addsAndRemovesANetwork(QemuRelease release) {
        try (ReleaseSession session = release.start(folder, MACHINE)) {
            QmpClient client = session.client();
            Netdev network = Netdev.Hubport.builder().id("net").hubid(3).build();
            client.execute(NetdevAdd.of(network));
            // It has no query of its own: a second one of that name is refused.
            assertThatThrownBy(() -> client.execute(NetdevAdd.of(network)))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("net");

            client.execute(NetdevDel.of("net"));
            client.execute(NetdevAdd.of(network));
            client.execute(NetdevDel.of("net"));
            assertThatThrownBy(() -> client.execute(NetdevDel.of("net"))).isInstanceOf(QmpErrorException.class);
        }
    }
}
