/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code quickstart} and {@code verify} find on a host and what they say they will do: the real scripts on a host made of fakes. */
class SetUpPlanIT {
    @TempDir
    private Path folder;

    private SetUpHost host;
    private SetUpPackages packages;

    @BeforeAll
    static void needsBash() {
        Requirements.need(SetUpHost.has("bash") && SetUpHost.has("flock"), "bash and flock (util-linux) are there");
    }

    @BeforeEach
    void bareDebian12() throws IOException {
        host = SetUpHost.debian12(folder);
        packages = new SetUpPackages(host);
        packages.apt();
        packages.utilLinux();
    }

    private String planOf(String script) throws Exception {
        SetUpHost.Outcome outcome = host.run(script, "--dry-run");
        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }

    @Test
    void bareDebianAsRootIsToldEachMissingThingAndNothingIsDone() throws Exception {
        Map<String, String> before = host.files("");

        assertThat(planOf("quickstart").lines())
                .containsExactly(
                        "quickstart: MICROVM_SET_UP_ROOT is set, so the host's files are looked for in " + host.root
                                + " instead of /",
                        "quickstart: found setpriv 2.38.1 (%s/usr/bin/setpriv)".formatted(host.root),
                        "quickstart: found setsid 2.38.1 (%s/usr/bin/setsid)".formatted(host.root),
                        "quickstart: no /dev/kvm: VMs run in software, several times slower",
                        "quickstart: missing: a JDK of 17 or later (Debian package openjdk-17-jdk-headless): builds and runs the library",
                        "quickstart: missing: Maven 3.8 or later (Debian package maven): builds the library",
                        "quickstart: missing: qemu-system-x86_64 (Debian package qemu-system-x86): runs the VMs",
                        "quickstart: missing: busybox (Debian package busybox-static):"
                                + " is the shell of the guest until its own root is mounted; must be static",
                        "quickstart: missing: nix (Debian package nix-bin): has the store that is shared with the guest",
                        "quickstart: will install with apt, without recommended packages:"
                                + " busybox-static maven nix-bin openjdk-17-jdk-headless qemu-system-x86",
                        "quickstart: will unpack virtiofsd of Debian trixie and its libraries into "
                                + host.root
                                + "/var/cache/microvm/debian/trixie (about 15 MB to fetch), installing nothing",
                        "quickstart: will unpack the kernel of Debian bookworm into "
                                + host.root
                                + "/var/cache/microvm/kernels (about 85 MB to fetch, 400 MB unpacked), installing nothing",
                        "quickstart: will build microvm-examples and what it needs with Maven, then run its DevVm");
        assertThat(host.files("")).isEqualTo(before);
        assertThat(host.callsOf("apt-get")).isNotEmpty().allMatch(call -> call.contains(" indextargets "));
    }

    @Test
    void verifyAsksForWhatOnlyTheTestsNeedToo() throws Exception {
        assertThat(planOf("verify"))
                .contains(
                        "busybox-static e2fsprogs kmod maven nix-bin openjdk-17-jdk-headless procps qemu-system-arm qemu-system-x86"
                                + " qemu-utils shellcheck systemd udev uidmap\n")
                .contains("will run: mvn -B -ntp verify -Dmicrovm.it.required=true\n");
    }

    @Test
    void onlyAFullRunAsksForPythonAndItsQmpClientAndForLoads() throws Exception {
        packages.everything();
        packages.whatOnlyTheTestsNeed();

        assertThat(planOf("verify")).doesNotContain("python3", "qemu.qmp", "stress-ng", "fio");
        assertThat(host.run("verify", "--dry-run", "--full").output())
                .contains(
                        "will install with apt, without recommended packages: btrfs-progs dosfstools fio python3 stress-ng"
                                + " xfsprogs\n")
                .contains(
                        "will unpack qemu.qmp of Debian sid into " + host.root + "/var/cache/microvm/python/qemu-qmp");
        packages.python();
        packages.loads();
        packages.qemuQmp();
        assertThat(host.run("verify", "--dry-run", "--full").output())
                .contains(
                        "found python3 3.11.2",
                        "found stress-ng 0.15.06",
                        "found fio 3.33",
                        "found qemu.qmp for Python",
                        "will set up nothing");
    }

    @Test
    void userWithoutRightsIsGivenTheCommandAndACacheOfTheirOwn() throws Exception {
        host.user(SetUpHost.USER);

        assertThat(planOf("quickstart"))
                .contains(
                        "will not install these, for that needs root; the command is: su -c 'apt-get update && apt-get install"
                                + " --no-install-recommends busybox-static maven nix-bin openjdk-17-jdk-headless qemu-system-x86'\n")
                .contains("will unpack virtiofsd of Debian trixie and its libraries into " + host.root
                        + "/home/.cache/microvm/");
    }

    @Test
    void otherDistributionIsToldWhatIsMissingAndThatNothingIsInstalled() throws Exception {
        fedora();

        assertThat(planOf("quickstart"))
                .contains("missing: qemu-system-x86_64", "missing: nix", "missing: virtiofsd, the Rust one")
                .contains("missing: a kernel in /boot with its modules, or below MICROVM_KERNEL_ROOT")
                .contains("will install nothing, for this is no Debian; please install the above by its own means")
                .contains("will set up nothing")
                .doesNotContain("will unpack");
    }

    /** It calls its suite what Debian calls its own, but its libraries and kernel are others. */
    @Test
    void otherDistributionWithAptUnpacksNothingOfDebian() throws Exception {
        host.write("etc/os-release", "ID=raspbian\nVERSION_CODENAME=bookworm\n");

        assertThat(planOf("quickstart"))
                .contains("will install with apt", "missing: virtiofsd, the Rust one", "missing: a kernel in /boot")
                .doesNotContain("will unpack");
    }

    @Test
    void hostThatDoesNotSayWhatItIsIsNoDebian() throws Exception {
        Files.delete(host.root.resolve("etc/os-release"));

        assertThat(planOf("quickstart")).doesNotContain("will unpack");
    }

    @Test
    void everythingThereMeansNothingToSetUp() throws Exception {
        packages.everything();

        assertThat(planOf("quickstart"))
                .contains("found JDK 17.0.15", "found Maven 3.8.7", "found virtiofsd 1.13.2", "found busybox 1.35.0")
                .contains("found guest kernel 6.1.0-9-amd64", "will set up nothing")
                .doesNotContain("missing");
    }

    @Test
    void whatIsTooOldOrUnfitIsMissing() throws Exception {
        packages.everything();
        packages.maven("", "3.6.3");
        packages.virtiofsd("virtiofsd backend 1.10.0");
        host.program("ldd", "echo libc.so.6");
        packages.kernel("", "6.1.0-9-amd64", SetUpPackages.MODULES.subList(1, 4));

        assertThat(planOf("quickstart"))
                .contains("missing: Maven 3.8 or later (%s/usr/bin/mvn is 3.6.3)".formatted(host.root))
                .contains("missing: busybox")
                .contains("will unpack virtiofsd", "will unpack the kernel");
    }

    @Test
    void virtiofsdInCIsNotTheRustOne() throws Exception {
        packages.everything();
        packages.virtiofsd("virtiofsd version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)");

        assertThat(planOf("quickstart")).contains("will unpack virtiofsd").doesNotContain("found virtiofsd");
    }

    @Test
    void buildRunsOnTheJdkNearestTo17AndTestsOnTheNewestToo() throws Exception {
        packages.everything();
        packages.jdk("", "11.0.2");
        packages.jdk("", "25.0.3");
        packages.jdk("", "21.0.1");

        assertThat(planOf("quickstart")).contains("found JDK 17.0.15").doesNotContain("JDK 11");
        packages.whatOnlyTheTestsNeed();
        assertThat(planOf("verify"))
                .contains("found shellcheck 0.9.0")
                .contains("-Dmicrovm.test.newestJdk=" + host.root.toRealPath() + "/usr/lib/jvm/java-25.0.3");
    }

    @Test
    void helpIsHelpAndDoesNothing() throws Exception {
        for (String script : List.of("quickstart", "verify")) {
            for (String option : List.of("--help", "-h")) {
                SetUpHost.Outcome outcome = host.run(script, option);
                assertThat(outcome.code()).isZero();
                assertThat(outcome.output())
                        .startsWith("Usage: ./" + script + " ")
                        .contains("--dry-run", "Exit code");
                assertThat(outcome.errors()).isEmpty();
            }
        }
        assertThat(host.callsOf("apt-get")).isEmpty();
    }

    @Test
    void unknownOptionIsAnsweredWithHelpOnStandardErrorAndExitCode2() throws Exception {
        for (String script : List.of("quickstart", "verify")) {
            SetUpHost.Outcome outcome = host.run(script, "--dry-run", "--dryrun");
            assertThat(outcome.code()).isEqualTo(2);
            assertThat(outcome.output()).isEmpty();
            assertThat(outcome.errors())
                    .startsWith(script + ": does not know --dryrun\nUsage: ./" + script + " ")
                    .contains("Exit code");
        }
        assertThat(host.callsOf("apt-get")).isEmpty();
    }

    @Test
    void hostsThatCannotRunItAndSettingsThatCannotBeMeantAreRefused() throws Exception {
        host.set("MICROVM_CACHE", "cache");
        assertThat(host.run("quickstart", "--dry-run").errors())
                .isEqualTo("quickstart: MICROVM_CACHE is cache, but must be an absolute path\n");
        host.set("MICROVM_SET_UP_ROOT", "host");
        assertThat(host.run("quickstart", "--dry-run").errors())
                .isEqualTo("quickstart: MICROVM_SET_UP_ROOT is host, but must be an absolute path\n");
        host.program("uname", "echo Darwin arm64");
        SetUpHost.Outcome outcome = host.run("quickstart", "--dry-run");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.errors()).isEqualTo("quickstart: this is Darwin arm64; microvm runs on 64-bit x86 Linux\n");
    }

    private void fedora() throws IOException {
        host.write("etc/os-release", "ID=fedora\n");
        for (String program : List.of("apt-get", "dpkg", "dpkg-deb")) {
            Files.delete(host.root.resolve("usr/bin/" + program));
        }
    }
}
