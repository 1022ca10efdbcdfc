/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.command.BlockDirtyBitmapAdd;
import dev.microvm.qmp.command.BlockExportAdd;
import dev.microvm.qmp.command.BlockdevMirror;
import dev.microvm.qmp.command.NbdServerStart;
import dev.microvm.qmp.event.BlockJobReadyEvent;
import dev.microvm.qmp.model.BlockExportOptions;
import dev.microvm.qmp.model.MirrorSyncMode;
import dev.microvm.qmp.model.SocketAddressLegacy;
import dev.microvm.qmp.model.UnixSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A machine that has something to say to as many queries as it can. */
final class RichMachine {
    private RichMachine() {}

    static ReleaseSession start(QemuRelease release, Path folder) throws IOException {
        Path disk = Files.write(folder.resolve("disk"), new byte[1 << 20]);
        List<String> machine = new ArrayList<>(List.of(
                "-M",
                "q35,memory-backend=memory",
                "-accel",
                "tcg",
                "-smp",
                "2,maxcpus=4",
                "-m",
                "64,slots=2,maxmem=1G"));
        options(
                machine,
                "-object",
                "memory-backend-ram,id=memory,size=64M",
                "-object",
                "memory-backend-ram,id=dimm-memory,size=128M,prealloc=off",
                "-device",
                "pc-dimm,id=dimm,memdev=dimm-memory",
                "-object",
                "iothread,id=iothread",
                "-object",
                "throttle-group,id=throttle,x-iops-total=100",
                "-object",
                "rng-builtin,id=rng",
                "-object",
                "cryptodev-backend-builtin,id=crypto",
                "-blockdev",
                "null-co,node-name=null,size=1048576,read-zeroes=on",
                "-blockdev",
                "null-co,node-name=target,size=1048576",
                "-blockdev",
                "null-co,node-name=exported,size=1048576",
                "-blockdev",
                "throttle,node-name=throttled,throttle-group=throttle,file=null",
                "-drive",
                "file=" + disk + ",format=raw,if=none,id=drive,cache=none",
                "-device",
                "pcie-root-port,id=root-port,chassis=1",
                "-device",
                "virtio-blk-pci,id=blk,drive=throttled,iothread=iothread",
                "-device",
                "ide-hd,id=hd,bus=ide.0,drive=drive",
                "-device",
                "ide-cd,id=cd,bus=ide.1",
                "-netdev",
                "user,id=net",
                "-device",
                "virtio-net-pci,id=nic,netdev=net,bus=root-port,romfile=",
                "-chardev",
                "ringbuf,id=ring",
                "-chardev",
                "socket,id=listening,path=" + folder.resolve("chardev") + ",server=on,wait=off",
                "-device",
                "virtio-serial-pci",
                "-device",
                "virtserialport,chardev=ring,name=org.example",
                "-device",
                "qemu-xhci",
                "-device",
                "usb-tablet",
                "-device",
                "virtio-balloon-pci",
                "-device",
                "virtio-rng-pci,rng=rng",
                "-device",
                "virtio-crypto-pci,cryptodev=crypto",
                "-device",
                "VGA",
                "-device",
                "vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87",
                "-device",
                "vmcoreinfo",
                "-audiodev",
                "none,id=audio",
                "-vnc",
                "unix:" + folder.resolve("vnc"));
        ReleaseSession session = release.start(folder, machine);
        try {
            startJobAndExport(session.client(), folder);
            return session;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private static void options(List<String> machine, String... options) {
        machine.addAll(List.of(options));
    }

    private static void startJobAndExport(QmpClient client, Path folder) {
        client.execute(BlockDirtyBitmapAdd.of("null", "bitmap"));
        client.executeAndAwait(
                BlockdevMirror.builder()
                        .jobId("mirror")
                        .device("throttled")
                        .target("target")
                        .sync(MirrorSyncMode.FULL)
                        .build(),
                BlockJobReadyEvent.TYPE,
                event -> event.data().device().equals("mirror"),
                ReleaseSession.LONG);
        client.execute(NbdServerStart.of(SocketAddressLegacy.Unix.of(
                UnixSocketAddress.of(folder.resolve("nbd").toString()))));
        client.execute(BlockExportAdd.of(BlockExportOptions.Nbd.builder()
                .id("export")
                .nodeName("exported")
                .build()));
    }
}
