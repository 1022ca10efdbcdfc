/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.internal.mounttext.SystemdText;
import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProgramSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The three texts, read by the programs they are for. */
class GuestMountsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private static ProcessExit run(String... command) throws InterruptedException {
        boolean there = ProgramSearch.find(command[0], System.getenv()).isPresent();
        assertThat(there || !Boolean.getBoolean("microvm.it.required"))
                .as("%s is on this host", command[0])
                .isTrue();
        assumeTrue(there, command[0] + " is there");
        return HostProcess.run(List.of(command), Map.of("LC_ALL", "C.UTF-8"), LIMIT);
    }

    @Test
    void systemdEscapesPathsAsWeDo() throws InterruptedException {
        Random random = new Random(4);
        String letters = "aZ0:_.-\\ ,$%\"'é日#[]{}@+=~/";
        List<String> paths = new ArrayList<>();
        List<String> command = new ArrayList<>(List.of("systemd-escape", "--path"));
        while (paths.size() < 500) {
            StringBuilder path = new StringBuilder("/");
            for (int i = random.nextInt(14); i >= 0; i--) {
                path.append(letters.charAt(random.nextInt(letters.length())));
            }
            String normalized = Path.of(path.toString()).normalize().toString();
            paths.add(normalized);
            command.add(normalized);
        }
        ProcessExit exit = run(command.toArray(new String[0]));

        assertThat(exit.succeeded()).as(exit.describe()).isTrue();
        assertThat(exit.text().strip().split(" "))
                .containsExactly(paths.stream().map(SystemdText::escapePath).toArray(String[]::new));
    }

    @Test
    void systemdFindsNothingWrongWithTheUnits() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
        for (Map.Entry<String, String> unit :
                GuestMounts.of(GuestMountsTest.everything()).systemdUnits().entrySet()) {
            command.add(Files.writeString(folder.resolve(unit.getKey()), unit.getValue())
                    .toString());
        }
        ProcessExit exit = run(command.toArray(new String[0]));

        assertThat(exit.succeeded()).as(exit.describe()).isTrue();
        // It also loads units of this host, and has something to say about those.
        assertThat(exit.stderrTail()).noneMatch(line -> line.contains(folder.toString()));
    }

    @Test
    void findmntReadsEveryLineOfTheFstab() throws IOException, InterruptedException {
        GuestMounts mounts = GuestMounts.of(GuestMountsTest.everything());
        Path fstab = Files.write(folder.resolve("fstab"), mounts.fstab());
        ProcessExit exit =
                run("findmnt", "--fstab", "--tab-file", fstab.toString(), "--noheadings", "--raw", "-o", "TARGET");

        assertThat(exit.succeeded()).as(exit.describe()).isTrue();
        assertThat(exit.text()
                        .lines()
                        .map(line -> line.replace("\\x20", " ")
                                .replace("\\x22", "\"")
                                .replace("\\x24", "$")))
                .containsExactlyElementsOf(mounts.mountPoints());
    }

    /** The module in place, with a stub for what NixOS brings: the values must be the spec's, after Nix has read them. */
    @Test
    void nixReadsTheModuleAsItIsMeant() throws IOException, InterruptedException {
        Files.writeString(
                folder.resolve("module.nix"),
                GuestMounts.of(GuestMountsTest.everything()).nixosModule());
        ProcessExit exit = run(
                "nix-instantiate",
                "--eval",
                "--strict",
                "--json",
                "--store",
                "dummy://",
                "-E",
                "let m = import " + folder + "/module.nix { config = {}; lib = {}; pkgs = {}; }; in {"
                        + " points = builtins.attrNames m.fileSystems;"
                        + " odd = m.fileSystems.\"/opt/a \\${b}\\\"c\".device;"
                        + " early = builtins.all (f: f.neededForBoot) (builtins.attrValues m.fileSystems);"
                        + " upper = m.fileSystems.\"/opt/tools\".overlay.upperdir;"
                        + " options = m.fileSystems.\"/data\".options;"
                        + " services = builtins.attrNames m.systemd.services;"
                        + " after = m.systemd.services.\"microvm-srv-100\\\\x25-inner\".after;"
                        + " modules = m.boot.initrd.availableKernelModules; }");

        assertThat(exit.succeeded()).as(exit.describe()).isTrue();
        assertThat(exit.text())
                .contains("\"odd\":\"/persistent/opt/a ${b}\\\"c\"")
                .contains("\"early\":true")
                .contains("\"after\":[\"microvm-srv-100\\\\x25.service\"]")
                .contains("\"upper\":\"/persistent/over/store\"")
                .contains("\"options\":[\"rw\",\"noatime\"]")
                .contains(
                        "\"services\":[\"microvm-etc-machine\\\\x2did\",\"microvm-home-dev-a\\\\x20b\\\\x24c\\\\x22d\","
                                + "\"microvm-srv-100\\\\x25\",\"microvm-srv-100\\\\x25-inner\",\"microvm-srv-file\"]")
                .contains("\"modules\":[\"virtiofs\",\"ext4\",\"vfat\",\"9p\",\"9pnet_virtio\",\"overlay\"]");
    }
}
