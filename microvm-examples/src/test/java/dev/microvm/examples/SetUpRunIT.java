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

/** What {@code quickstart} and {@code verify} do with packages, Maven and Java: the real scripts on a host made of fakes. */
class SetUpRunIT {
    private static final String PACKAGES = "busybox-static maven nix-bin openjdk-17-jdk-headless qemu-system-x86";

    @TempDir
    private Path folder;

    private SetUpHost host;
    private SetUpPackages packages;

    @BeforeAll
    static void needsBash() {
        Requirements.need(SetUpHost.has("bash") && SetUpHost.has("flock"), "bash and flock (util-linux) are there");
    }

    /** Kernel and virtiofsd are there, for unpacking them is {@link SetUpUnpackingIT}'s. */
    @BeforeEach
    void debian12WithoutPackages() throws IOException {
        host = SetUpHost.debian12(folder);
        packages = new SetUpPackages(host);
        packages.apt();
        packages.utilLinux();
        packages.available();
        packages.kernel("", "6.1.0-9-amd64", SetUpPackages.MODULES);
        packages.virtiofsd("virtiofsd 1.13.2");
    }

    @Test
    void rootGetsThePackagesInstalledOnceAndWithoutAQuestion() throws Exception {
        SetUpHost.Outcome first = host.run("quickstart", "--setup-only");

        assertThat(first.code()).as(first.toString()).isZero();
        assertThat(first.output()).contains("found nix 2.8.0").endsWith("quickstart: everything needed is there\n");
        assertThat(changing(host.callsOf("apt-get")))
                .satisfiesExactly(
                        update -> assertThat(update).endsWith(" update"),
                        install -> assertThat(install)
                                .contains(" -y ", " --no-install-recommends ")
                                .endsWith(" install " + PACKAGES));

        Map<String, String> before = host.files("");
        SetUpHost.Outcome second = host.run("quickstart", "--setup-only");
        assertThat(second.output()).contains("will set up nothing");
        assertThat(second.code()).isZero();
        assertThat(host.files("")).isEqualTo(before);
        assertThat(changing(host.callsOf("apt-get"))).hasSize(2);
    }

    @Test
    void commandNamedToAUserWithoutRightsIsAllThatIsLeftToDo() throws Exception {
        host.user(SetUpHost.USER);
        host.program("sudo", "FAKE_SUDO=1 \"$@\"");

        SetUpHost.Outcome refused = host.run("quickstart", "--setup-only");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(changing(host.callsOf("apt-get"))).isEmpty();
        String marker = "quickstart: please run this and then quickstart again: ";
        assertThat(refused.errors().lines()).singleElement().asString().startsWith(marker);

        Path command = Files.writeString(
                host.project().resolve("command"),
                "#!/usr/bin/env bash\n" + refused.errors().substring(marker.length()));
        assertThat(command.toFile().setExecutable(true)).isTrue();
        assertThat(host.run("command").code()).isZero();
        assertThat(host.callsOf("sudo")).hasSize(1);

        SetUpHost.Outcome again = host.run("quickstart", "--setup-only");
        assertThat(again.output()).endsWith("quickstart: everything needed is there\n");
        assertThat(again.code()).isZero();
    }

    @Test
    void packageThatDoesNotBringItsProgramIsStillMissing() throws Exception {
        Files.delete(host.root.resolve("packages/nix-bin/usr/bin/nix"));

        SetUpHost.Outcome outcome = host.run("quickstart", "--setup-only");

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.errors()).contains("still missing: nix (Debian package nix-bin)");
    }

    @Test
    void otherDistributionRunsWhereAllIsThere() throws Exception {
        fedora();
        packages.everything();

        SetUpHost.Outcome outcome = host.run("quickstart", "--shell", "--yes", "--", "--9p", "two words");

        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(host.callsOf("mvn").get(host.callsOf("mvn").size() - 1))
                .contains("-DskipTests", "package", "-pl microvm-examples -am");
        assertThat(host.callsOf("java"))
                .containsExactly("java -cp microvm-examples/target/classes:lib.jar dev.microvm.examples.DevVm"
                        + " --shell --yes --9p two words");
    }

    @Test
    void otherDistributionIsNotBuiltOnWhereSomethingIsMissing() throws Exception {
        fedora();
        packages.everything();
        Files.delete(host.root.resolve("usr/bin/nix"));

        SetUpHost.Outcome outcome = host.run("quickstart");

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.output()).contains("missing: nix");
        assertThat(outcome.errors()).isEqualTo("quickstart: please install these and then run quickstart again\n");
        assertThat(host.callsOf("java")).isEmpty();
    }

    @Test
    void exitCodeIsTheMainJobs() throws Exception {
        packages.everything();
        host.set("FAKE_JAVA_EXIT", "3");

        assertThat(host.run("quickstart").code()).isEqualTo(3);
    }

    @Test
    void failedBuildRunsNothing() throws Exception {
        packages.everything();
        host.set("FAKE_MAVEN_EXIT", "1");

        SetUpHost.Outcome outcome = host.run("quickstart");

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.errors()).isEqualTo("quickstart: the build failed, see above\n");
        assertThat(host.callsOf("java")).isEmpty();
    }

    @Test
    void verifyTakesMissingToolsForFailuresAndEndsWithMavensExitCode() throws Exception {
        packages.everything();
        packages.whatOnlyTheTestsNeed();
        packages.python();
        packages.loads();
        packages.qemuQmp();
        host.set("FAKE_MAVEN_EXIT", "7");

        SetUpHost.Outcome outcome = host.run("verify", "--full");

        assertThat(outcome.code()).isEqualTo(7);
        assertThat(outcome.output()).contains("verify: FAILED (exit code 7) after ");
        assertThat(host.callsOf("mvn"))
                .endsWith("mvn -B -ntp verify -Dmicrovm.it.required=true -Pfull -Dmicrovm.full=true");
    }

    @Test
    void testsHaveCtrlCWhereEnvCanGiveItBackAndRunAllTheSameWhereItCannot() throws Exception {
        packages.everything();
        packages.whatOnlyTheTestsNeed();

        host.program("env", "shift; exec \"$@\"");
        assertThat(host.run("verify").code()).isZero();
        assertThat(host.callsOf("env")).anyMatch(call -> call.startsWith("env --default-signal=INT,QUIT mvn "));

        host.program("env", "echo \"env: unrecognized option '$1'\" >&2; exit 125");
        int before = host.callsOf("mvn").size();
        SetUpHost.Outcome old = host.run("verify");
        assertThat(old.code()).as(old.toString()).isZero();
        assertThat(old.errors()).isEmpty();
        assertThat(host.callsOf("mvn").subList(before, host.callsOf("mvn").size()))
                .anyMatch(call -> call.startsWith("mvn -B -ntp verify "));
    }

    @Test
    void testsRunInAUtf8Locale() throws Exception {
        packages.everything();
        packages.whatOnlyTheTestsNeed();

        host.program("locale", "echo ANSI_X3.4-1968");
        assertThat(host.run("verify").output()).contains("\nLC_ALL=C.UTF-8\n");
        host.program("locale", "echo UTF-8");
        assertThat(host.run("verify").output()).contains("\nLC_ALL=\n");
    }

    private static List<String> changing(List<String> aptCalls) {
        return aptCalls.stream()
                .filter(call -> !call.contains(" indextargets "))
                .toList();
    }

    private void fedora() throws IOException {
        host.write("etc/os-release", "ID=fedora\n");
        for (String program : List.of("apt-get", "dpkg", "dpkg-deb")) {
            Files.delete(host.root.resolve("usr/bin/" + program));
        }
    }
}
