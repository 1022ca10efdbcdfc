/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.internal.image.ShellText;
import dev.microvm.internal.image.Shells;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.MountOrder;
import dev.microvm.internal.mounttext.SystemdText;
import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.qmp.JsonValue;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.InputStream;
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

    /**
     * The module in place, with a stub that has the options of NixOS and checks their types: what NixOS would mount must be what the other
     * forms mount, after Nix has read it.
     */
    @Test
    void nixReadsTheModuleAsItIsMeant() throws IOException, InterruptedException {
        VmSpec spec = VmSpec.builder()
                .from(GuestMountsTest.everything())
                .addPersistence(Persistence.at("/persistent").directories("/opt/${b}", "/opt/''c''"))
                .build();
        JsonValue.Obj read = nix(GuestMounts.of(spec).nixosModule());

        Map<String, JsonValue> fileSystems = members(read, "fileSystems");
        Map<String, JsonValue> services = members(read, "services");
        for (GuestMount mount : MountOrder.of(GuestMount.of(spec))) {
            String service = "microvm-" + SystemdText.escapePath(mount.where());
            assertThat(fileSystems.containsKey(mount.where()))
                    .as("%s is a file system or a service", mount.where())
                    .isNotEqualTo(services.containsKey(service));
            if (services.containsKey(service)) {
                String script = ((JsonValue.Str) services.get(service)).value();
                assertThat(Shells.run(List.of("/bin/sh"), "set -n\n" + script, ""))
                        .isEmpty();
                assertThat(script).endsWith("\n" + bind(mount) + "\n");
            } else {
                String device = mount.type().equals("overlay") ? "overlay" : mount.what();
                assertThat(fileSystems.get(mount.where()))
                        .isEqualTo(JsonValue.Obj.EMPTY
                                .with("depends", strings(mount.needs()))
                                .with("device", device)
                                .with("fsType", mount.type())
                                .with("options", strings(mount.options())));
            }
        }
        assertThat(fileSystems.size() + services.size())
                .isEqualTo(GuestMounts.of(spec).mountPoints().size());
        assertThat(members(read, "after").get("microvm-srv-100\\x25-inner"))
                .isEqualTo(strings(List.of("microvm-srv-100\\x25.service")));
        assertThat(read.members().get("early")).isEqualTo(JsonValue.parse("true"));
        assertThat(read.members().get("modules"))
                .isEqualTo(strings(List.of(
                        "virtio_pci",
                        "virtio_mmio",
                        "virtio_blk",
                        "virtiofs",
                        "ext4",
                        "vfat",
                        "9p",
                        "9pnet_virtio",
                        "overlay")));
    }

    /** Else the test above would prove nothing. */
    @Test
    void theStubOfNixosRefusesWhatNixosRefuses() throws IOException, InterruptedException {
        String good = "{ ... }: { fileSystems.\"/a\" = { device = \"a\"; fsType = \"9p\"; options = [ \"ro\" ];"
                + " neededForBoot = true; }; systemd.services = { }; boot.initrd.availableKernelModules = [ ]; }";
        assertThat(nix(good).members()).containsKey("fileSystems");
        assertThat(evaluated(good.replace("[ \"ro\" ]", "\"ro\"")).stderrTail())
                .anyMatch(line -> line.contains("the value of config.fileSystems./a.options is of another type"));
        assertThat(evaluated(good.replace("neededForBoot", "neededAtBoot")).stderrTail())
                .anyMatch(line -> line.contains("the option config.fileSystems./a.neededAtBoot does not exist"));
    }

    private JsonValue.Obj nix(String module) throws IOException, InterruptedException {
        ProcessExit exit = evaluated(module);
        assertThat(exit.succeeded()).as(exit.describe()).isTrue();
        return (JsonValue.Obj) JsonValue.parse(exit.text());
    }

    private ProcessExit evaluated(String module) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("module.nix"), module);
        try (InputStream stub = GuestMountsIT.class.getResourceAsStream("/nixos-stub.nix")) {
            Files.write(folder.resolve("stub.nix"), stub.readAllBytes());
        }
        return run(
                "nix-instantiate",
                "--eval",
                "--strict",
                "--json",
                "--store",
                "dummy://",
                "-E",
                "import " + folder + "/stub.nix (import " + folder
                        + "/module.nix { config = {}; lib = {}; pkgs = {}; })");
    }

    private static Map<String, JsonValue> members(JsonValue.Obj of, String name) {
        return ((JsonValue.Obj) of.members().get(name)).members();
    }

    private static JsonValue strings(List<String> texts) {
        return new JsonValue.Arr(
                texts.stream().<JsonValue>map(JsonValue.Str::new).toList());
    }

    private static String bind(GuestMount mount) {
        return "mount -o bind -- " + ShellText.quote(mount.what()) + " " + ShellText.quote(mount.where());
    }
}
