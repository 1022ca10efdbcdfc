/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example in the package's Javadoc is code that is compiled: every line of it stands here. */
class PackageExampleTest {
    @Test
    void everyLineOfTheExampleIsCompiled() throws IOException {
        String javadoc = Files.readString(Path.of("src/main/java/dev/microvm/virtiofs/package-info.java"));
        String example = javadoc.substring(javadoc.indexOf("{@code\n") + 7, javadoc.indexOf(" * }</pre>"))
                .replaceAll("(?m)^ \\* ?", "");
        String compiled = Files.readString(Path.of("src/test/java/dev/microvm/virtiofs/PackageExampleTest.java"));

        assertThat(example).contains("Virtiofsd.start(");
        assertThat(squeezed(compiled)).contains(squeezed(example));
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    /** Never run: it need only compile. */
    static int example(Path folder, List<String> more) throws IOException, InterruptedException {
        VirtiofsShare share = VirtiofsShare.of("work", folder).mappingUser(1000);
        try (Virtiofsd daemon = Virtiofsd.start(share)) {
            List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-machine", "q35"));
            command.addAll(Virtiofsd.sharedMemoryArguments(MachineType.Q35, 1024));
            command.addAll(daemon.qemuArguments(MachineType.Q35));
            command.addAll(more);
            Process qemu = new ProcessBuilder(command).inheritIO().start();
            daemon.died().thenAccept(reason -> qemu.destroy());
            return qemu.waitFor();
        }
    }
}
