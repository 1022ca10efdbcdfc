/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class QemuSideTest {
    @Test
    void givesSocketAndDeviceInTheFormTheMachineTakes() {
        VirtiofsShare share = VirtiofsShare.builder()
                .tag("a,b")
                .source(Path.of("/x"))
                .daemon(VirtiofsdOptions.builder().queueSize(64).build())
                .build();
        String id = Virtiofsd.processName("a,b");

        assertThat(QemuSide.share(share, Path.of("/run/x,y/fs.sock"), MachineType.Q35))
                .containsExactly(
                        "-chardev",
                        "socket,id=" + id + ",path=/run/x,,y/fs.sock",
                        "-device",
                        "vhost-user-fs-pci,chardev=" + id + ",tag=a,,b,queue-size=64");
        assertThat(QemuSide.share(share, Path.of("/s"), MachineType.MICROVM).get(3))
                .startsWith("vhost-user-fs-device,");
    }

    @Test
    void sharesTheMemoryOnceForAllShares() {
        assertThat(QemuSide.sharedMemory(MachineType.Q35, 512))
                .containsExactly(
                        "-m",
                        "size=512M",
                        "-object",
                        "memory-backend-memfd,id=virtiofs-mem,size=512M,share=on",
                        "-machine",
                        "memory-backend=virtiofs-mem");
        assertThat(QemuSide.sharedMemory(MachineType.MICROVM, 1)).contains("virtio-mmio.force-legacy=off");
    }
}
