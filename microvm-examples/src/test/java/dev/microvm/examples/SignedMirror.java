/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** A Debian mirror in a folder: a few small packages that take the parts of virtiofsd, the kernel, kmod and libc, in signed suites. */
final class SignedMirror {
    static final String KERNEL = "6.1.0-9-amd64";
    private static final Duration BUILD = Duration.ofSeconds(30);

    private final Path folder;
    private final List<String> stanzas = new ArrayList<>();

    SignedMirror(Path folder, OpenPgpKey key) throws Exception {
        this.folder = Files.createDirectories(folder);
        // drops what a loader takes and runs the program as what it is, a script
        deb("libc6", "2.41-1", "", "lib64/ld-linux-x86-64.so.2", """
                #!/bin/sh
                while [ "${1#--}" != "$1" ]; do shift 2; done
                exec /bin/sh "$@"
                """, "usr/lib/x86_64-linux-gnu/libc.so.6", "");
        deb("virtiofsd", "1.13.2-1", "libc6 (>= 2.39), uidmap", "usr/libexec/virtiofsd", "echo virtiofsd 1.13.2\n");
        deb("kmod", "30-1", "libc6", "bin/kmod", """
                # depmod -b TREE VERSION
                cd "$2/lib/modules/$3" || exit 1
                find kernel -name '*.ko' | sed 's/$/: /' > modules.dep
                """);
        deb("linux-image-amd64", "6.1.1-1", "linux-image-" + KERNEL);
        List<String> files = new ArrayList<>(List.of("boot/vmlinuz-" + KERNEL, "a kernel\n"));
        for (String module : SetUpPackages.MODULES) {
            files.addAll(List.of("lib/modules/" + KERNEL + "/kernel/" + module + ".ko", "a module\n"));
        }
        for (String module : List.of("drivers/virtio/virtio_mmio", "drivers/char/virtio_console")) {
            files.addAll(List.of("lib/modules/" + KERNEL + "/kernel/" + module + ".ko", "a module\n"));
        }
        deb("linux-image-" + KERNEL, "6.1.1-1", "kmod, linux-base, initramfs-tools", files.toArray(String[]::new));
        // a Python of this suite does not exist, so it is not unpacked with the client
        deb("python3-qemu-qmp", "0.0.6-1.1", "python3:any", "usr/lib/python3/dist-packages/qemu/qmp/__init__.py", "");
        for (String suite : List.of("sid", "bookworm", "bookworm-updates", "trixie", "trixie-updates")) {
            publish(suite, key);
        }
    }

    private void deb(String name, String version, String depends, String... filesAndContents) throws Exception {
        Path tree = Files.createTempDirectory(folder, name);
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (int i = 0; i < filesAndContents.length; i += 2) {
            Path file = tree.resolve(filesAndContents[i]);
            Files.createDirectories(file.getParent());
            Files.writeString(file, filesAndContents[i + 1]);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        String control = "Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\n"
                        .formatted(name, version)
                + (depends.isEmpty() ? "" : "Depends: " + depends + "\n") + "Description: of a test\n";
        Files.createDirectory(tree.resolve("DEBIAN"));
        Files.writeString(tree.resolve("DEBIAN/control"), control);

        String file = "pool/%s_%s_amd64.deb".formatted(name, version);
        Files.createDirectories(folder.resolve("pool"));
        Command.of(SetUpHost.real("dpkg-deb").toString(), "-Znone", "--root-owner-group", "--build")
                .with(tree.toString(), folder.resolve(file).toString())
                .runWithin(BUILD);
        byte[] bytes = Files.readAllBytes(folder.resolve(file));
        stanzas.add(control + "Filename: %s\nSize: %d\nSHA256: %s\n".formatted(file, bytes.length, sha256(bytes)));
    }

    private void publish(String suite, OpenPgpKey key) throws Exception {
        byte[] packages = String.join("\n", stanzas).getBytes(UTF_8);
        Path dist = folder.resolve("dists").resolve(suite);
        Files.createDirectories(dist.resolve("main/binary-amd64"));
        Files.write(dist.resolve("main/binary-amd64/Packages"), packages);
        String date = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'UTC'", Locale.ROOT)
                .format(Instant.now().minusSeconds(600).atOffset(ZoneOffset.UTC));
        String release = "Origin: Debian\nSuite: %1$s\nCodename: %1$s\nDate: %2$s\n".formatted(suite, date)
                + "Architectures: amd64\nComponents: main\nSHA256:\n %s %d main/binary-amd64/Packages\n"
                        .formatted(sha256(packages), packages.length);
        Files.writeString(dist.resolve("InRelease"), key.clearSigned(release));
    }

    /** Turns one bit of a file over. */
    static void tamper(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
