/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.HostServiceProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtiofsdChecksTest {
    private static final Path SOCKET = Path.of("/run/fs0.sock");
    private static final VirtiofsdProbe FOUND = new VirtiofsdProbe(
            Optional.of(new VirtiofsdProbe.Program(Path.of("/v"), new VirtiofsdVersion(1, 13, 2), Set.of())),
            List.of());
    private static final CallerRights RIGHTS = new CallerRights(true, true, true, false);

    @TempDir
    Path temp;

    private List<Problem> check(Path source, Path socket, VirtiofsdProbe probe) {
        return VirtiofsdChecks.of(
                VirtiofsShare.of("t", source), socket, probe, Path.of("/cache"), new Caller(0, 0, "root"), RIGHTS);
    }

    @Test
    void findsNothingWrongWithAFolder() {
        assertThat(check(temp, SOCKET, FOUND)).isEmpty();
    }

    @Test
    void saysHowToGetADaemon() {
        Problem problem = check(temp, SOCKET, new VirtiofsdProbe(Optional.empty(), List.of()))
                .get(0);

        assertThat(problem.subject()).isEqualTo("virtiofsd");
        assertThat(problem.cure()).contains("package virtiofsd", "/cache/bin/virtiofsd", "MICROVM_VIRTIOFSD");
    }

    @Test
    void tellsEveryProblemAtOnce() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "");
        Path tooLong = Path.of("/run/" + "x".repeat(103));

        assertThat(check(temp.resolve("missing"), tooLong, new VirtiofsdProbe(Optional.empty(), List.of())))
                .extracting(Problem::detail)
                .satisfiesExactly(
                        detail -> assertThat(detail).contains("no virtiofsd"),
                        detail -> assertThat(detail).contains("does not exist"),
                        detail -> assertThat(detail).contains("108 bytes", "107"));
        assertThat(check(file, SOCKET, FOUND)).extracting(Problem::detail).containsExactly(file + " is not a folder");
    }

    @Test
    void takesAnInterruptForNoProblemAndKeepsTheFlag() throws Exception {
        Path slow = Scripts.write(temp.resolve("slow"), "exec sleep 60");
        try (LifelineContext context = new LifelineContext(temp).with(VirtiofsdProbe.VARIABLE, slow)) {
            Virtiofsd daemon = Virtiofsd.of(VirtiofsShare.of("t", temp.resolve("missing")), context);
            Thread.currentThread().interrupt();

            assertThat(daemon.check()).isEmpty();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void isFoundAsAProviderOfBothKindsOfShares() {
        VirtiofsdChecksTest.class.getModule().addUses(HostServiceProvider.class); // as core's module says for itself
        HostServiceProvider provider =
                ServiceLoader.load(HostServiceProvider.class, VirtiofsProvider.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(VirtiofsProvider.class::isInstance)
                        .findFirst()
                        .orElseThrow();

        assertThat(provider.serves(VirtiofsShare.of("t", temp))).isTrue();
        assertThat(provider.serves(NinePShare.of("t", temp))).isTrue();
    }
}
