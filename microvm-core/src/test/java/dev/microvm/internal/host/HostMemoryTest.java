/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
    private static final String MEMINFO =
            "MemTotal:        8039984 kB\nMemFree:         1220404 kB\nMemAvailable:    6500000 kB\n";

    @TempDir
    Path temp;

    @Test
    void readsTheKernelsTotalAndAvailableMemory() throws IOException {
        Path meminfo = Files.writeString(temp.resolve("meminfo"), MEMINFO);

        assertThat(HostMemory.read(meminfo, temp.resolve("absent"))).contains(new HostMemory(7851, 6347));
        assertThat(HostMemory.read(meminfo, Files.writeString(temp.resolve("max"), "max\n")))
                .contains(new HostMemory(7851, 6347));
    }

    @Test
    void aControlGroupsLimitCounts() throws IOException {
        Path meminfo = Files.writeString(temp.resolve("meminfo"), MEMINFO);
        Path limit = Files.writeString(temp.resolve("max"), "1073741824\n");

        assertThat(HostMemory.read(meminfo, limit)).contains(new HostMemory(1024, 1024));
    }

    @Test
    void saysNothingWhereTheKernelDoesNot() {
        assertThat(HostMemory.read(temp.resolve("absent"), temp.resolve("absent")))
                .isEmpty();
    }

    @Test
    void onlyLinuxIsAHost() {
        assertThat(new HostPlatform("Linux", "amd64").problem()).isEmpty();
        assertThat(new HostPlatform("Mac OS X", "aarch64")
                        .problem()
                        .orElseThrow()
                        .detail())
                .contains("Mac OS X");
        assertThat(new HostPlatform("Windows 11", "amd64")
                        .problem()
                        .orElseThrow()
                        .cure())
                .contains("WSL 2");
    }

    @Test
    void knowsTheJvmsNamesOfArchitectures() {
        assertThat(new HostPlatform("Linux", "amd64").architecture()).contains(Architecture.X86_64);
        assertThat(new HostPlatform("Linux", "aarch64").architecture()).contains(Architecture.AARCH64);
        assertThat(new HostPlatform("Linux", "riscv64").architecture()).isEmpty();
    }
}
