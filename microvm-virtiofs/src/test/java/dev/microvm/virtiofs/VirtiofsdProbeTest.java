/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtiofsdProbeTest {
    @TempDir
    Path temp;

    @Test
    void takesWhatTheVariableNames() throws Exception {
        Path mine = Scripts.write(temp.resolve("mine"), "echo virtiofsd 1.11.1");
        Path other = Scripts.write(temp.resolve("bin/virtiofsd"), "echo virtiofsd 1.13.2");
        Map<String, String> environment = Map.of(
                "MICROVM_VIRTIOFSD", mine.toString(), "PATH", other.getParent().toString());

        VirtiofsdProbe probe = VirtiofsdProbe.run(environment, temp);

        assertThat(probe.program()).contains(new VirtiofsdProbe.Program(mine, new VirtiofsdVersion(1, 11, 1)));
        assertThat(probe.describe()).isEqualTo("virtiofsd 1.11.1 at " + mine);
    }

    @Test
    void doesNotFallBackFromWhatTheVariableNames() throws Exception {
        Path other = Scripts.write(temp.resolve("bin/virtiofsd"), "echo virtiofsd 1.13.2");
        String path = other.getParent().toString();

        for (String wanted : new String[] {"/bin/true", "/no/such/file", temp.toString()}) {
            VirtiofsdProbe probe = VirtiofsdProbe.run(Map.of("MICROVM_VIRTIOFSD", wanted, "PATH", path), temp);

            assertThat(probe.program()).as(wanted).isEmpty();
            assertThat(probe.describe()).contains(wanted);
        }
    }

    @Test
    void takesTheFirstRustDaemonAndSaysWhyNotTheOthers() throws Exception {
        Path old = Scripts.write(
                temp.resolve("bin/virtiofsd"), "echo 'virtiofsd version 7.2.22 (Debian 1:7.2)'; echo Copyright");
        Path cached = Scripts.write(temp.resolve("cache/bin/virtiofsd"), "echo virtiofsd 1.13.2");

        VirtiofsdProbe probe = VirtiofsdProbe.run(Map.of("PATH", old.getParent().toString()), temp.resolve("cache"));

        assertThat(probe.refused().get(0))
                .isEqualTo(new VirtiofsdProbe.Refusal(
                        old,
                        "is QEMU's old daemon in C (7.2.22 (Debian 1:7.2)), which wants root and cannot map users"));
        // on a host with a daemon of its own that one comes first
        assertThat(probe.program().orElseThrow().path())
                .satisfiesAnyOf(
                        path -> assertThat(path).isEqualTo(cached),
                        path -> assertThat(path).startsWith(Path.of("/usr/lib")),
                        path -> assertThat(path).startsWith(Path.of("/usr/libexec")));
    }

    @Test
    void saysWhatAProgramAnswersThatIsNotVirtiofsd() throws IOException, InterruptedException {
        Path failing = Scripts.write(temp.resolve("failing"), "echo oops >&2; exit 4");

        assertThat(VirtiofsdProbe.run(Map.of("MICROVM_VIRTIOFSD", "/bin/true"), temp)
                        .describe())
                .contains("/bin/true is not virtiofsd, it answers: true (GNU");
        assertThat(VirtiofsdProbe.run(Map.of("MICROVM_VIRTIOFSD", failing.toString()), temp)
                        .describe())
                .contains("exit code 4");
        assertThat(VirtiofsdProbe.reason("")).isEqualTo("prints no version");
    }
}
