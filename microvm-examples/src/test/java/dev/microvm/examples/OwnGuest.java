/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.MicroVm;
import dev.microvm.QemuArgument;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A guest of somebody's own, which mounts what its spec lists by itself: a {@code KernelBoot} whose initrd has an init of its own, with this
 * machine's programs, and the control loop, so that a test can look into it. The kernel and its modules are those of a VM that the library
 * booted from the same spec.
 */
final class OwnGuest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String UNITS = "/etc/systemd/system/";

    private final Path kernel;
    private final byte[] modules;

    private OwnGuest(Path kernel, byte[] modules) {
        this.kernel = kernel;
        this.modules = modules;
    }

    /** {@return a guest with the kernel and the modules of a VM that is running} */
    static OwnGuest like(MicroVm vm) throws IOException {
        List<String> words = vm.commandLine().stream().map(QemuArgument::text).toList();
        return new OwnGuest(
                Path.of(words.get(words.indexOf("-kernel") + 1)),
                Files.readAllBytes(Path.of(words.get(words.indexOf("-initrd") + 1))));
    }

    /**
     * {@return a spec that boots this guest, with nothing but the control loop}
     *
     * @param spec what the guest is to mount
     * @param files more of its files: absolute path to text
     * @param before what its init does before it hands over, in sh, the root being {@code /newroot}
     * @param folder for the initrd; is made
     */
    VmSpec plain(VmSpec spec, Map<String, String> files, String before, Path folder)
            throws IOException, InterruptedException {
        return spec(
                spec,
                files,
                before + "exec $busybox switch_root /newroot $busybox sh /run/microvm/init microvm-root\n",
                folder);
    }

    /** {@return the same, with systemd as process 1; mount units among the files are enabled} */
    VmSpec systemd(VmSpec spec, Map<String, String> files, String before, Path folder)
            throws IOException, InterruptedException {
        Map<String, String> all = new LinkedHashMap<>(files);
        for (String unit : List.of("own.target", "disks.service", "agent.service")) {
            all.put(UNITS + unit, resource(unit));
        }
        // There is no journal; so the console has what systemd and its services say, and a start that fails shows it.
        all.put("/etc/systemd/system.conf.d/own.conf", "[Manager]\nDefaultStandardOutput=tty\nShowStatus=no\n");
        String mounts = files.keySet().stream()
                .filter(path -> path.startsWith(UNITS) && path.endsWith(".mount"))
                .map(path -> " '" + path.substring(UNITS.length()) + "'")
                .collect(Collectors.joining());
        String enable = mounts.isEmpty()
                ? ""
                : "$busybox chroot /newroot systemctl enable -q --" + mounts + " || die 'cannot enable the units'\n";
        return spec(
                spec,
                all,
                enable + before
                        + "exec $busybox switch_root /newroot /lib/systemd/systemd --unit=own.target --log-target=kmsg --log-level=notice\n",
                folder);
    }

    private VmSpec spec(VmSpec spec, Map<String, String> files, String last, Path folder)
            throws IOException, InterruptedException {
        Path tree = folder.resolve("tree");
        write(tree.resolve("init"), resource("init")).toFile().setExecutable(true, false);
        write(tree.resolve("last"), last);
        write(tree.resolve("run/microvm/start-agent"), resource("start-agent"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            write(tree.resolve("own" + file.getKey()), file.getValue());
        }
        Command.of("sh", "-c", "find . | busybox cpio -o -H newc -R 0:0 >../own.cpio")
                .in(tree)
                .runWithin(LIMIT);
        // The kernel unpacks one archive after another, and of files with one name the last stays.
        Path initrd = Files.write(folder.resolve("initrd"), modules);
        Files.write(initrd, Files.readAllBytes(folder.resolve("own.cpio")), StandardOpenOption.APPEND);
        return VmSpec.builder()
                .from(spec)
                .boot(KernelBoot.builder()
                        .kernel(kernel)
                        .initrd(initrd)
                        .agent(true)
                        .mountsItself(true)
                        .build())
                .addShares(NinePShare.of("own-root", Path.of("/")).asReadOnly())
                .build();
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = OwnGuest.class.getResourceAsStream("/own-guest/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
