/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtiofsdProbeTest {
    @TempDir
    Path temp;

    private VirtiofsdProbe.Places places;

    @BeforeEach
    void otherPlaces() {
        places = new VirtiofsdProbe.Places(
                List.of(temp.resolve("etc"), temp.resolve("share")),
                List.of(temp.resolve("libexec/virtiofsd")),
                List.of(temp.resolve("profile/bin/virtiofsd")));
    }

    private VirtiofsdProbe probe(String path) throws InterruptedException {
        return VirtiofsdProbe.run(Map.of("PATH", path), temp.resolve("cache"), places);
    }

    private void describe(String file, String text) throws IOException {
        Path to = temp.resolve(file);
        Files.createDirectories(to.getParent());
        Files.writeString(to, text);
    }

    private static VirtiofsdProbe.Program program(Path path, int minor, int patch) {
        return new VirtiofsdProbe.Program(path, new VirtiofsdVersion(1, minor, patch), Set.of());
    }

    @Test
    void takesWhatTheVariableNames() throws Exception {
        Path mine = Scripts.write(temp.resolve("mine"), "echo virtiofsd 1.11.1");
        Path other = Scripts.write(temp.resolve("bin/virtiofsd"), "echo virtiofsd 1.13.2");
        Map<String, String> environment = Map.of(
                "MICROVM_VIRTIOFSD", mine.toString(), "PATH", other.getParent().toString());

        VirtiofsdProbe probe = VirtiofsdProbe.run(environment, temp);

        assertThat(probe.program()).contains(program(mine, 11, 1));
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

        VirtiofsdProbe probe = probe(old.getParent().toString());

        assertThat(probe.refused())
                .containsExactly(new VirtiofsdProbe.Refusal(
                        old,
                        "is QEMU's old daemon in C (7.2.22 (Debian 1:7.2)), which wants root and cannot map users"));
        assertThat(probe.program()).contains(program(cached, 13, 2));
    }

    @Test
    void looksInAllPlacesInTheirOrder() throws Exception {
        List<Path> inOrder = List.of(
                temp.resolve("described"),
                temp.resolve("bin/virtiofsd"),
                temp.resolve("libexec/virtiofsd"),
                temp.resolve("profile/bin/virtiofsd"),
                temp.resolve("cache/bin/virtiofsd"));
        for (Path place : inOrder) {
            Scripts.write(place, "echo virtiofsd 1.13.2");
        }
        describe("share/50-mine.json", "{\"type\":\"fs\",\"binary\":\"" + inOrder.get(0) + "\"}");

        for (Path expected : inOrder) {
            assertThat(probe(temp.resolve("bin").toString()).program()).contains(program(expected, 13, 2));
            Files.delete(expected);
        }
        assertThat(probe(temp.resolve("bin").toString()).program()).isEmpty();
    }

    @Test
    void readsDescriptionsAsLibvirtDoes() throws Exception {
        describe("share/10-gpu.json", "{\"type\":\"gpu\",\"binary\":\"/gpu\"}");
        describe("share/20-broken.json", "{");
        describe("share/30-nothing.json", "{\"type\":\"fs\"}");
        describe("share/40-relative.json", "{\"type\":\"fs\",\"binary\":\"virtiofsd\"}");
        describe("share/50-hidden.json", "{\"type\":\"fs\",\"binary\":\"/hidden\"}");
        describe(
                "share/60-second.json", "{\"type\":\"fs\",\"binary\":\"/second\",\"features\":[\"separate-options\"]}");
        describe("share/readme.txt", "{\"type\":\"fs\",\"binary\":\"/text\"}");
        describe("etc/50-hidden.json", "{\"type\":\"fs\",\"binary\":\"/first\"}");

        assertThat(DescribedDaemons.of(places.descriptions())).containsExactly(Path.of("/first"), Path.of("/second"));
        assertThat(probe("").refused())
                .extracting(VirtiofsdProbe.Refusal::reason)
                .containsExactly("is not an executable file", "is not an executable file");
    }

    @Test
    void learnsTheFeaturesOfTheDaemonItTakes() throws Exception {
        Scripts.write(
                temp.resolve("bin/virtiofsd"),
                "[ $1 = --version ] && echo virtiofsd 1.14.0 || echo '{\"type\":\"fs\",\"features\":[\"a\",\"b\"]}'");

        assertThat(probe(temp.resolve("bin").toString()).program().orElseThrow().features())
                .containsExactlyInAnyOrder("a", "b");
        assertThat(VirtiofsdProbe.features("{\"type\":\"fs\"}")).isEmpty();
        assertThat(VirtiofsdProbe.features("usage: ...")).isEmpty();
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
