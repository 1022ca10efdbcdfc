/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StaticBusyboxTest {
    @TempDir
    Path temp;

    /** An ELF file with a single program header of a type: 1 is PT_LOAD, 3 is PT_INTERP. */
    private Path elf(String name, int headerType) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64 + 56).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 0x464c_457f).put(4, (byte) 2).putLong(32, 64);
        bytes.putShort(54, (short) 56).putShort(56, (short) 1).putInt(64, headerType);
        Path file = Files.write(temp.resolve(name), bytes.array());
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Map<String, String> path() {
        return Map.of("PATH", temp.toString());
    }

    @Test
    void takesAStaticOne() throws IOException {
        Path busybox = elf("busybox", 1);

        assertThat(StaticBusybox.find(path()).value()).contains(busybox);
    }

    @Test
    void refusesADynamicOneAndNamesThePackage() throws IOException {
        Path busybox = elf("busybox", 3);

        assertThat(StaticBusybox.find(path()).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.detail()).isEqualTo(busybox + " is dynamically linked");
            assertThat(problem.cure()).contains("apt install busybox-static");
        });
    }

    @Test
    void prefersAlpinesStaticOneToItsDynamicOne() throws IOException {
        elf("busybox", 3);
        Path busybox = elf("busybox.static", 1);

        assertThat(StaticBusybox.find(path()).value()).contains(busybox);
    }

    @Test
    void aGivenOneIsTakenOrRefused() throws IOException {
        elf("busybox", 1);
        Path mine = elf("mine", 1);
        String folder = temp.toString();

        assertThat(StaticBusybox.find(Map.of("PATH", folder, "MICROVM_BUSYBOX", mine.toString()))
                        .value())
                .contains(mine);
        assertThat(StaticBusybox.find(Map.of("PATH", folder, "MICROVM_BUSYBOX", "/nowhere"))
                        .value())
                .isEmpty();
    }

    @Test
    void aScriptIsNoBusybox() throws IOException {
        Path script = Files.writeString(
                temp.resolve("busybox"), "#!/bin/sh\necho a script longer than the header of an ELF file\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(StaticBusybox.find(path()).problems().get(0).detail()).contains("cannot be judged");
    }
}
