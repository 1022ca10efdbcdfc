/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spi.ServiceFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
    @TempDir
    Path temp;

    private Path write(String text) throws Exception {
        return Files.writeString(temp.resolve("fs.sock.pid"), text);
    }

    /** virtiofsd 1.13.2 does not truncate a longer number that it finds. */
    @Test
    void believesTheFirstLineOnly() throws Exception {
        assertThat(PidFile.read(write("23907\n789\n"))).contains(23_907L);
        assertThat(PidFile.read(write(""))).isEmpty();
        assertThat(PidFile.read(write("12x\n"))).isEmpty();
        assertThat(PidFile.read(temp.resolve("missing"))).isEmpty();
    }

    @Test
    void removesWhatADeadDaemonLeft() throws Exception {
        Path socket = Files.createFile(temp.resolve("fs.sock"));
        write(ProcessHandle.current().pid() + "\n"); // somebody else's number by now

        PidFile.clear(socket);

        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void leavesWhatALivingDaemonServes() throws Exception {
        Path socket = Files.createFile(temp.resolve("fs.sock"));
        Process daemon = new ProcessBuilder("sh", "-c", "read x", "--socket-path=" + socket).start();
        try {
            write(daemon.pid() + "\n");

            assertThatThrownBy(() -> PidFile.clear(socket))
                    .isInstanceOf(ServiceFailedException.class)
                    .hasMessageContaining("process " + daemon.pid() + " is a virtiofsd that serves " + socket);
            assertThat(socket).exists();
        } finally {
            daemon.destroyForcibly().waitFor();
        }
    }
}
