/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VirtiofsdCommandTest {
    private static final Caller ROOT = new Caller(0, 0);
    private static final Caller USER = new Caller(1001, 100);
    private static final VirtiofsdVersion NEW = new VirtiofsdVersion(1, 13, 2);
    private static final SandboxChoice NAMESPACE = SandboxChoice.automatic(Optional.empty());
    private static final VirtiofsShare SHARE = VirtiofsShare.of("home", Path.of("/srv/a, b"));

    private static List<String> render(VirtiofsShare share, SandboxChoice sandbox, Caller caller) {
        return VirtiofsdCommand.render(share, Path.of("/bin/virtiofsd"), Path.of("/run/x/fs0.sock"), sandbox, caller);
    }

    private static List<String> subjects(VirtiofsShare share, VirtiofsdVersion version, Caller caller) {
        return VirtiofsdCommand.problems(share, version, caller).stream()
                .map(Problem::subject)
                .toList();
    }

    @Test
    void makesEverythingTheCallersOwn() {
        assertThat(render(SHARE.mappingUser(1000), NAMESPACE, USER))
                .containsExactly(
                        "/bin/virtiofsd",
                        "--socket-path=/run/x/fs0.sock",
                        "--shared-dir=/srv/a, b",
                        "--cache=auto",
                        "--sandbox=namespace",
                        "--translate-uid=squash-guest:0:1001:4294967295",
                        "--translate-uid=host:1001:1000:1",
                        "--translate-gid=squash-guest:0:100:4294967295",
                        "--translate-gid=host:100:1000:1");
    }

    @Test
    void makesEverythingRootsForRoot() {
        assertThat(render(SHARE, NAMESPACE, ROOT))
                .contains("--translate-uid=squash-guest:0:0:4294967295", "--translate-uid=host:0:0:1");
    }

    @Test
    void leavesIdsAloneWhereTheyAreTheSame() {
        VirtiofsShare share = VirtiofsShare.builder()
                .from(SHARE)
                .idMap(IdMap.IDENTITY)
                .cache(CachePolicy.NEVER)
                .readOnly(true)
                .addExtraArguments("--xattr", "--thread-pool-size", "4")
                .build();

        assertThat(render(share, SandboxChoice.automatic(Optional.of("no")), ROOT))
                .containsExactly(
                        "/bin/virtiofsd",
                        "--socket-path=/run/x/fs0.sock",
                        "--shared-dir=/srv/a, b",
                        "--cache=never",
                        "--sandbox=none",
                        "--readonly",
                        "--xattr",
                        "--thread-pool-size",
                        "4");
    }

    @Test
    void givesTheDaemonAnAbsoluteFolder() {
        assertThat(render(VirtiofsShare.of("t", Path.of("some/where")), NAMESPACE, ROOT))
                .contains("--shared-dir=" + Path.of("some/where").toAbsolutePath());
    }

    @Test
    void findsNothingWrongWithTheDefaults() {
        assertThat(subjects(SHARE.asReadOnly(), NEW, USER)).isEmpty();
        assertThat(subjects(SHARE, NEW, ROOT)).isEmpty();
    }

    @Test
    void namesTheVersionThatHasWhatIsMissing() {
        VirtiofsShare share = VirtiofsShare.builder()
                .from(SHARE.asReadOnly())
                .cache(CachePolicy.METADATA)
                .build();
        List<Problem> problems = VirtiofsdCommand.problems(share, new VirtiofsdVersion(1, 7, 2), USER);

        assertThat(problems)
                .extracting(Problem::subject)
                .containsExactly(
                        "shares[tag=home].readOnly",
                        "shares[tag=home].cache = METADATA",
                        "shares[tag=home].idMap = CALLER");
        assertThat(problems.get(0).detail()).isEqualTo("needs virtiofsd 1.13.0 or later, found 1.7.2");
        assertThat(problems.get(1).cure()).contains("1.8.0", "CachePolicy.AUTO");
    }

    @Test
    void knowsWhatOnlyRootMay() {
        VirtiofsShare chroot =
                VirtiofsShare.builder().from(SHARE).sandbox(Sandbox.CHROOT).build();

        assertThat(subjects(chroot, NEW, USER)).containsExactly("shares[tag=home].sandbox = CHROOT");
        assertThat(subjects(chroot, NEW, ROOT)).isEmpty();
    }

    @Test
    void refusesArgumentsThatWorkAgainstIt() {
        for (String argument : List.of("--socket-path=/x", "--fd=3", "--shared-dir=/", "--syslog", "--posix-acl")) {
            VirtiofsShare share = VirtiofsShare.builder()
                    .from(SHARE)
                    .addExtraArguments(argument)
                    .build();

            assertThat(subjects(share, NEW, ROOT)).as(argument).containsExactly("shares[tag=home].extraArguments");
        }
    }

    @Test
    void keepsTheReadyLineVisible() {
        assertThat(VirtiofsdCommand.environment(SHARE)).containsEntry("RUST_LOG", "info");
        assertThat(VirtiofsdCommand.environment(VirtiofsShare.builder()
                        .from(SHARE)
                        .addExtraArguments("--log-level", "debug")
                        .build()))
                .containsEntry("RUST_LOG", "debug");
    }

    @Test
    void explainsWhyThereAreNoNamespaces() {
        assertThat(SandboxChoice.automatic(Optional.of("unshare: unshare failed: Operation not permitted")))
                .isEqualTo(new SandboxChoice(
                        Sandbox.NONE,
                        "namespaces cannot be had here (unshare: unshare failed: Operation not permitted), "
                                + "seccomp alone shuts virtiofsd in"));
        assertThat(NAMESPACE.sandbox()).isEqualTo(Sandbox.NAMESPACE);
    }

    @Test
    void takesAnExplicitSandboxAsItIs() throws InterruptedException {
        assertThat(SandboxChoice.of(Sandbox.CHROOT, USER).sandbox()).isEqualTo(Sandbox.CHROOT);
    }

    @Test
    void namesProcessesAfterTags() {
        assertThat(Virtiofsd.processName("ro-store")).isEqualTo("virtiofsd-ro-store");
        assertThat(Virtiofsd.processName("a/b"))
                .startsWith("virtiofsd-a_b-")
                .isNotEqualTo(Virtiofsd.processName("a:b"));
    }
}
