/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.internal.host.CacheFolder;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.internal.host.KernelModules;
import dev.microvm.internal.host.ModuleFile;
import dev.microvm.internal.host.SizedCache;
import dev.microvm.internal.host.Zstd;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The generated initramfs: the host's static busybox, the kernel modules a spec needs, the init and the control loop. It mounts nothing of
 * the host; the host orders that step by step.
 *
 * <p>The archive is not compressed. QEMU copies its 3.4 MB into the guest's memory in no time, while gzip (1.4 MB) is unpacked by the
 * guest: to the control loop's first word it took 2.7 s without and 3.1 s with (TCG, one virtual CPU, medians of six).
 */
public final class Initramfs {
    /** Where the library's own things are, in the initramfs and in the root; both scripts name it too. */
    static final String HOME = "run/microvm";

    private static final long CACHE_BYTES = 256L << 20;

    private Initramfs() {}

    /**
     * {@return the initramfs for a spec, from the cache or built; a file with mode 0644, so that an unprivileged QEMU can read it}
     *
     * <p>The cache's key holds every input: the scripts, the modules' names, and (as {@code make} does) path, size and time of busybox and
     * of {@code modules.dep}, which is rewritten whenever a kernel's modules change.
     *
     * @param busybox a statically linked busybox, which is copied into the archive
     * @throws IOException if an input cannot be read
     * @throws java.io.UncheckedIOException if the cache cannot be written
     * @throws InterruptedException if the calling thread is interrupted
     */
    public static Path cached(CacheFolder cache, KernelImage kernel, Zstd zstd, Path busybox, VmSpec spec)
            throws IOException, InterruptedException {
        List<String> names = GuestModules.of(spec);
        SizedCache images = cache.sized("initramfs", CACHE_BYTES);
        String key = key(kernel, busybox, names) + ".cpio";
        Optional<Path> found = images.find(key);
        if (found.isPresent()) {
            return found.get();
        }
        Map<String, byte[]> modules = new LinkedHashMap<>();
        for (ModuleFile file : KernelModules.read(kernel.modules()).loadOrder(names)) {
            modules.put(file.name(), file.bytes(zstd));
        }
        byte[] image = build(Files.readAllBytes(busybox), modules);
        return images.put(key, file -> {
            Files.write(file, image);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        });
    }

    /**
     * {@return where the initramfs for a spec is or would be; nothing is made}
     *
     * @throws IOException if an input cannot be looked at
     */
    public static Path place(CacheFolder cache, KernelImage kernel, Path busybox, VmSpec spec) throws IOException {
        return cache.sized("initramfs", CACHE_BYTES).place(key(kernel, busybox, GuestModules.of(spec)) + ".cpio");
    }

    /** {@return the archive; a pure function of its arguments, the modules in the order in which they must be loaded} */
    public static byte[] build(byte[] busybox, Map<String, byte[]> modules) {
        byte[] init = script("init");
        CpioImage image = new CpioImage();
        for (String folder :
                List.of("bin", "dev", "links", "modules", "newroot", "proc", "root", "run", HOME, "sys", "tmp")) {
            image.folder(folder);
        }
        image.file("init", 0755, init)
                .file(HOME + "/init", 0755, init)
                .file(HOME + "/agent", 0755, script("agent"))
                .file(HOME + "/busybox", 0755, busybox)
                // All other applets are found by the shell itself, once /proc is there.
                .link("bin/sh", "/" + HOME + "/busybox")
                // devtmpfs comes without them, and bash and scripts expect them; the init copies them into it.
                .link("links/fd", "/proc/self/fd")
                .link("links/stdin", "fd/0")
                .link("links/stdout", "fd/1")
                .link("links/stderr", "fd/2")
                // The kernel opens it for process 1 before anything is mounted.
                .characterDevice("dev/console", 0600, 5, 1);
        int number = 0;
        for (Map.Entry<String, byte[]> module : modules.entrySet()) {
            image.file(
                    String.format(Locale.ROOT, "modules/%02d-%s.ko", number++, module.getKey()),
                    0644,
                    module.getValue());
        }
        return image.toBytes();
    }

    private static byte[] script(String name) {
        try (InputStream in = Initramfs.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing beside " + Initramfs.class.getName());
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("resource " + name + " cannot be read", e);
        }
    }

    private static String key(KernelImage kernel, Path busybox, List<String> modules) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(script("init"));
            digest.update(script("agent"));
            String rest = modules + "\n" + identity(busybox) + "\n"
                    + identity(kernel.modules().resolve("modules.dep"));
            digest.update(rest.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String identity(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return file.toRealPath() + " " + attributes.size() + " " + attributes.lastModifiedTime();
    }
}
