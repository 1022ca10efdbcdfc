/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Loads of others' making on a shared folder of each kind: every stressor of stress-ng's class filesystem with its own verification, and
 * fio, which reads back and verifies what it wrote. Both are programs of the host, which the guest has too.
 */
class ShareStressIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    /** What stress-ng says of a stressor that this kernel or this file system cannot run at all. */
    private static final List<Integer> NOT_RUN = List.of(3, 4);

    /** Failures that follow from the protocols; each was looked into. */
    private static final Map<SharedFolder, Map<String, String>> KNOWN = Map.of(
            SharedFolder.VIRTIOFS_AUTO,
            Map.of(),
            SharedFolder.NINEP_NONE,
            Map.of(
                    "copy-file", "ftruncate of an open file that is deleted: 9p sets sizes by the path (ENOENT)",
                    "fsize", "the same",
                    "mknod", "pipes and sockets: QEMU opens what it has made to set its mode (ENXIO)"));

    /** One round of each makes and removes 8192 links, which by 9p takes minutes where QEMU translates instructions. */
    private static final Map<SharedFolder, Set<String>> TOO_SLOW =
            Map.of(SharedFolder.VIRTIOFS_AUTO, Set.of(), SharedFolder.NINEP_NONE, Set.of("link", "symlink"));

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsVms() {
        Requirements.full();
        Requirements.canBootHostRoot();
    }

    @ParameterizedTest
    @EnumSource(names = {"VIRTIOFS_AUTO", "NINEP_NONE"})
    void holdsUnderEveryLoadButTheKnownOnes(SharedFolder kind) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        VmSpec spec = VmSpec.builder()
                .name("stress")
                .memoryMib(1024)
                .boot(BootSource.hostRoot())
                .addShares(kind.share(shared))
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            Requirements.need(
                    exec(vm, "stress-ng --version && fio --version").isSuccess(), "stress-ng and fio are there");
            stressNg(vm, kind);
            fio(vm, kind, "random", "--rw=randwrite --bs=4k --size=32M --verify=sha256 --fsync=64");
            fio(vm, kind, "large", "--rw=write --bs=1M --size=256M --verify=crc32c --fsync=32");
            fio(vm, kind, "mixed", "--rw=randrw --bssplit=512/20:4k/40:64k/40 --size=32M --verify=md5 --numjobs=2");
        }
    }

    private static void stressNg(MicroVm vm, SharedFolder kind) {
        List<String> stressors =
                List.of(exec(vm, "stress-ng --class 'filesystem?' 2>&1 | sed -n \"s/.*stressors: //p\"")
                        .orFail()
                        .stdout()
                        .strip()
                        .split("\\s+", -1));
        assertThat(stressors).hasSizeGreaterThan(30);
        Map<String, String> failed = new TreeMap<>();
        int passed = 0;
        int notRun = 0;
        long operations = 0;
        for (String stressor : stressors) {
            if (TOO_SLOW.getOrDefault(kind, Set.of()).contains(stressor)) {
                continue;
            }
            ExecResult result = exec(
                    vm,
                    "cd " + kind.mountPoint() + " && timeout -k 5 100 stress-ng --" + stressor
                            + " 1 --verify --timeout 1s --temp-path . --metrics-brief 2>&1");
            Matcher metrics =
                    Pattern.compile(Pattern.quote(stressor) + " +(\\d+) ").matcher(result.stdout());
            operations += metrics.find() ? Long.parseLong(metrics.group(1)) : 0;
            if (result.isSuccess()) {
                passed++;
            } else if (NOT_RUN.contains(result.exitCode()) || result.stdout().contains("No stress workers invoked")) {
                notRun++;
            } else {
                failed.put(stressor, result.exitCode() + ": " + result.stdout());
            }
        }
        System.out.println("stress-ng on " + kind + ": " + passed + " of " + stressors.size()
                + " stressors passed with " + operations + " operations, " + notRun + " cannot run here, too slow: "
                + TOO_SLOW.get(kind) + ", failed: " + failed.keySet());
        assertThat(failed.keySet())
                .as("%s", failed)
                .isEqualTo(KNOWN.getOrDefault(kind, Map.of()).keySet());
    }

    private static void fio(MicroVm vm, SharedFolder kind, String name, String options) {
        String said = exec(
                        vm,
                        "fio --name=" + name + " --directory=" + kind.mountPoint()
                                + " --ioengine=psync --fallocate=none --do_verify=1 --verify_fatal=1 --group_reporting "
                                + options)
                .orFail()
                .stdout();
        said.lines()
                .filter(line -> line.contains("READ: ") || line.contains("WRITE: "))
                .forEach(line -> System.out.println("fio " + name + " on " + kind + ": " + line.strip()));
        assertThat(said).contains("err= 0").contains("READ: ", "WRITE: ");
    }

    private static ExecResult exec(MicroVm vm, String script) {
        return vm.shell()
                .exec(ExecRequest.builder()
                        .addCommand("sh", "-c", script)
                        .limit(LIMIT)
                        .build());
    }
}
