/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.InodeFileHandles;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdLogLevel;
import dev.microvm.spec.VirtiofsdOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class VirtiofsdCommandTest {
    private static final Caller ROOT = new Caller(0, 0, "root");
    private static final Caller USER = new Caller(1001, 100, "me");
    private static final CallerRights RIGHTS = new CallerRights(true, true, true, false);
    private static final VirtiofsdProbe.Program NEW = program(1, 13, 2);
    private static final SandboxChoice NAMESPACE = SandboxChoice.automatic(Optional.empty(), true);
    private static final VirtiofsShare SHARE = VirtiofsShare.of("home", Path.of("/srv/a, b"));

    private static VirtiofsdProbe.Program program(int major, int minor, int patch, String... features) {
        return new VirtiofsdProbe.Program(
                Path.of("/bin/virtiofsd"), new VirtiofsdVersion(major, minor, patch), Set.of(features));
    }

    private static VirtiofsShare with(UnaryOperator<VirtiofsShare.Builder> change) {
        return change.apply(VirtiofsShare.builder().from(SHARE)).build();
    }

    private static VirtiofsShare withDaemon(UnaryOperator<VirtiofsdOptions.Builder> change) {
        return with(
                share -> share.daemon(change.apply(VirtiofsdOptions.builder()).build()));
    }

    private static List<String> render(VirtiofsShare share, VirtiofsdProbe.Program program, Caller caller) {
        return VirtiofsdCommand.render(
                share,
                program,
                Path.of("/run/x/fs0.sock"),
                NAMESPACE,
                new HandlesChoice(InodeFileHandles.NEVER, ""),
                VirtiofsdCommand.translations(share.idMap(), caller));
    }

    private static List<Problem> problems(VirtiofsShare share, VirtiofsdProbe.Program program, Caller caller) {
        return VirtiofsdCommand.problems(share, program, caller, RIGHTS);
    }

    private static List<String> subjects(VirtiofsShare share, VirtiofsdProbe.Program program, Caller caller) {
        return problems(share, program, caller).stream().map(Problem::subject).toList();
    }

    @Test
    void makesEverythingTheCallersOwn() {
        assertThat(render(SHARE.mappingUser(1000), NEW, USER))
                .containsExactly(
                        "/bin/virtiofsd",
                        "--socket-path=/run/x/fs0.sock",
                        "--shared-dir=/srv/a, b",
                        "--sandbox=namespace",
                        "--inode-file-handles=never",
                        "--cache=auto",
                        "--translate-uid=squash-guest:0:1001:4294967295",
                        "--translate-uid=host:1001:1000:1",
                        "--translate-gid=squash-guest:0:100:4294967295",
                        "--translate-gid=host:100:1000:1");
    }

    @Test
    void makesEverythingRootsForRoot() {
        assertThat(render(SHARE, NEW, ROOT))
                .contains("--translate-uid=squash-guest:0:0:4294967295", "--translate-uid=host:0:0:1");
    }

    @Test
    void translatesByTheSharesOwnRules() {
        IdMap map = IdMap.translating(
                List.of(IdTranslation.parse("map:0:1000:10"), IdTranslation.parse("forbid-guest:10:5")),
                List.of(IdTranslation.parse("squash-host:0:7:100")));

        assertThat(VirtiofsdCommand.translations(map, USER))
                .containsExactly(
                        "--translate-uid=map:0:1000:10",
                        "--translate-uid=forbid-guest:10:5",
                        "--translate-gid=squash-host:0:7:100");
    }

    @Test
    void rendersEveryOption() {
        VirtiofsShare share = with(all -> all.idMap(IdMap.IDENTITY)
                .cache(CachePolicy.NEVER)
                .readOnly(true)
                .posixAcl(true)
                .daemon(Options.everything()));

        assertThat(render(share, NEW, ROOT).subList(5, render(share, NEW, ROOT).size()))
                .containsExactly(
                        "--cache=never",
                        "--readonly",
                        "--xattr",
                        "--posix-acl",
                        "--thread-pool-size=4",
                        "--no-announce-submounts",
                        "--seccomp=trap",
                        "--socket-group=users",
                        "--rlimit-nofile=4096",
                        "--allow-mmap",
                        "--writeback",
                        "--allow-direct-io",
                        "--preserve-noatime",
                        "--killpriv-v2",
                        "--security-label",
                        "--xattrmap=:map::user.x.:",
                        "--modcaps=+sys_admin:-mknod",
                        "--migration-on-error=guest-error",
                        "--migration-verify-handles",
                        "--migration-confirm-paths",
                        "--no-readdirplus");
    }

    @Test
    void speaksTheWordsOfTheVersionFound() {
        VirtiofsShare share = with(all -> all.idMap(IdMap.IDENTITY)
                .posixAcl(true)
                .daemon(VirtiofsdOptions.builder().securityLabel(true).build()));

        assertThat(render(share, NEW, ROOT)).contains("--posix-acl", "--security-label");
        assertThat(render(
                        share,
                        program(1, 14, 0, "posix-acl-negotiation-mode", "security-label-negotiation-mode"),
                        ROOT))
                .contains("--posix-acl=always", "--security-label=always")
                .doesNotContain("--posix-acl", "--security-label");
        assertThat(render(SHARE, program(1, 5, 0), ROOT)).contains("--announce-submounts");
        assertThat(render(SHARE, program(1, 6, 0), ROOT)).doesNotContain("--announce-submounts");
    }

    @Test
    void givesTheDaemonAnAbsoluteFolder() {
        assertThat(render(VirtiofsShare.of("t", Path.of("some/where")), NEW, ROOT))
                .contains("--shared-dir=" + Path.of("some/where").toAbsolutePath());
    }

    @Test
    void findsNothingWrongWithTheDefaults() {
        assertThat(subjects(SHARE.asReadOnly(), NEW, USER)).isEmpty();
        assertThat(subjects(SHARE, NEW, ROOT)).isEmpty();
    }

    @Test
    void namesTheVersionThatHasWhatIsMissing() {
        VirtiofsShare share = with(all -> all.readOnly(true).cache(CachePolicy.METADATA));
        List<Problem> problems = problems(share, program(1, 7, 2), USER);

        assertThat(problems)
                .extracting(Problem::subject)
                .containsExactly(
                        "shares[tag=home].cache = METADATA",
                        "shares[tag=home].readOnly",
                        "shares[tag=home].idMap = CALLER");
        assertThat(problems.get(1).detail()).isEqualTo("needs virtiofsd 1.13.0 or later, found 1.7.2");
        assertThat(problems.get(0).cure()).contains("1.8.0", "CachePolicy.AUTO");
    }

    /** The versions of virtiofsd's release notes. */
    @Test
    void knowsSinceWhenEachOptionIsThere() {
        VirtiofsShare share =
                with(all -> all.idMap(IdMap.IDENTITY).posixAcl(true).daemon(Options.everything()));

        assertThat(problems(share, program(1, 0, 0), ROOT))
                .extracting(problem -> problem.subject().replace("shares[tag=home].", "") + " "
                        + problem.detail().replaceAll("needs virtiofsd ([0-9.]+) .*", "$1"))
                .containsExactly(
                        "posixAcl 1.2.0",
                        "daemon.announceSubmounts = false 1.6.0",
                        "daemon.allowMmap 1.11.0",
                        "daemon.preserveNoatime 1.7.0",
                        "daemon.securityLabel 1.4.0",
                        "daemon.migration.onError 1.11.0",
                        "daemon.migration.verifyHandles 1.11.0",
                        "daemon.migration.confirmPaths 1.11.0");
        assertThat(problems(share, program(1, 11, 0), ROOT)).isEmpty();
        assertThat(subjects(withDaemon(Options::byHandles), program(1, 11, 9), ROOT))
                .contains("shares[tag=home].daemon.migration.mode");
    }

    @Test
    void knowsWhatOnlyRootMay() {
        VirtiofsShare chroot = with(share -> share.sandbox(Sandbox.CHROOT));
        VirtiofsShare handles = withDaemon(daemon -> daemon.inodeFileHandles(InodeFileHandles.MANDATORY));

        assertThat(subjects(chroot, NEW, USER)).containsExactly("shares[tag=home].sandbox = CHROOT");
        assertThat(subjects(chroot, NEW, ROOT)).isEmpty();
        assertThat(subjects(handles, NEW, USER))
                .containsExactly("shares[tag=home].daemon.inodeFileHandles = MANDATORY");
        assertThat(subjects(handles, NEW, ROOT)).isEmpty();
        assertThat(VirtiofsdCommand.problems(handles, NEW, ROOT, new CallerRights(false, true, true, false)))
                .hasSize(1);
    }

    @Test
    void refusesWhatContradictsItself() {
        IdMap ranges = IdMap.namespace(List.of(IdRange.ofCaller(0)), List.of());

        assertThat(subjects(with(share -> share.posixAcl(true)), NEW, USER))
                .containsExactly("shares[tag=home].posixAcl");
        assertThat(subjects(with(share -> share.posixAcl(true).idMap(ranges)), NEW, USER))
                .isEmpty();
        assertThat(subjects(with(share -> share.idMap(ranges)), NEW, ROOT))
                .containsExactly("shares[tag=home].idMap = NAMESPACE");
        assertThat(subjects(with(share -> share.idMap(IdMap.subordinateAs(0)).sandbox(Sandbox.NONE)), NEW, USER))
                .containsExactly("shares[tag=home].sandbox = NONE");
    }

    @Test
    void knowsWhichMapsEachVersionTakes() {
        IdMap one = IdMap.namespace(List.of(IdRange.ofCaller(0)), List.of());
        IdMap two = IdMap.namespace(List.of(IdRange.ofCaller(0), IdRange.of(1, 100_000, 5)), List.of());

        assertThat(subjects(with(share -> share.idMap(one)), program(1, 6, 0), USER))
                .isEmpty();
        assertThat(subjects(with(share -> share.idMap(one)), program(1, 5, 0), USER))
                .hasSize(1);
        assertThat(problems(with(share -> share.idMap(two)), program(1, 10, 0), USER)
                        .get(0)
                        .detail())
                .contains("1.11.0");
        assertThat(subjects(with(share -> share.idMap(IdMap.subordinateAs(5))), program(1, 10, 0), USER))
                .hasSize(1);
    }

    @Test
    void refusesArgumentsThatWorkAgainstIt() {
        for (String argument : List.of(
                "--socket-path=/x",
                "--socket-group=x",
                "--fd=3",
                "--shared-dir=/",
                "--syslog",
                "--posix-acl",
                "--tag=x",
                "--log-level=off",
                "-d")) {
            VirtiofsShare share = withDaemon(daemon -> daemon.addExtraArguments(argument));

            assertThat(subjects(share, NEW, ROOT))
                    .as(argument)
                    .containsExactly("shares[tag=home].daemon.extraArguments");
        }
    }

    @Test
    void keepsTheReadyLineVisible() {
        assertThat(VirtiofsdCommand.environment(SHARE)).containsEntry("RUST_LOG", "info");
        assertThat(VirtiofsdCommand.environment(withDaemon(daemon -> daemon.logLevel(VirtiofsdLogLevel.DEBUG))))
                .containsEntry("RUST_LOG", "debug");
    }

    @Test
    void explainsWhyThereAreNoNamespaces() {
        Optional<String> refused = Optional.of("unshare: unshare failed: Operation not permitted");

        assertThat(SandboxChoice.automatic(refused, false))
                .isEqualTo(new SandboxChoice(
                        Sandbox.NONE,
                        "namespaces cannot be had here (unshare: unshare failed: Operation not permitted), "
                                + "seccomp alone shuts virtiofsd in"));
        assertThat(SandboxChoice.automatic(refused, true))
                .isEqualTo(
                        new SandboxChoice(
                                Sandbox.CHROOT,
                                "namespaces cannot be had here (unshare: unshare failed: Operation not permitted), a chroot can"));
        assertThat(NAMESPACE.sandbox()).isEqualTo(Sandbox.NAMESPACE);
    }

    @Test
    void takesAnExplicitSandboxAsItIs() throws InterruptedException {
        assertThat(SandboxChoice.of(Sandbox.CHROOT, false, USER, RIGHTS).sandbox())
                .isEqualTo(Sandbox.CHROOT);
    }

    @Test
    void choosesANamespaceForIdsThatNeedOne() throws InterruptedException {
        assertThat(SandboxChoice.of(Sandbox.AUTO, true, USER, RIGHTS))
                .isEqualTo(new SandboxChoice(Sandbox.NAMESPACE, SandboxChoice.WANTED_BY_IDS));
    }

    @Test
    void namesProcessesAfterTags() {
        assertThat(Virtiofsd.processName("ro-store")).isEqualTo("virtiofsd-ro-store");
        assertThat(Virtiofsd.processName("a/b"))
                .startsWith("virtiofsd-a_b-")
                .isNotEqualTo(Virtiofsd.processName("a:b"));
    }
}
