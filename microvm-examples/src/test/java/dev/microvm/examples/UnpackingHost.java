/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@link SetUpHost} with Debian 12 and all packages, but without a kernel and virtiofsd. Its apt, gpgv and dpkg-deb are the real ones, and know
 * of a {@link SignedMirror} alone.
 */
final class UnpackingHost {
    static final String CACHE = "var/cache/microvm";
    static final String KERNELS = CACHE + "/kernels";
    static final String KERNEL = KERNELS + "/" + SignedMirror.KERNEL;
    static final String VIRTIOFSD = CACHE + "/bin/virtiofsd";

    final SetUpHost host;
    final Path mirror;

    UnpackingHost(Path folder, Path published, byte[] keyring) throws IOException {
        host = SetUpHost.debian12(folder);
        new SetUpPackages(host).everything();
        Files.delete(host.root.resolve("boot/vmlinuz-" + SignedMirror.KERNEL));
        Files.delete(host.root.resolve("usr/libexec/virtiofsd"));
        host.real("apt-get", "dpkg", "dpkg-deb", "setpriv");
        mirror = folder.resolve("mirror");
        SetUpHost.copy(published, mirror);
        trust(keyring);
        host.write(
                "etc/apt/sources.list.d/debian.sources",
                "Types: deb\nURIs: copy:%s\nSuites: bookworm\nComponents: main\n".formatted(mirror));
        Path configuration = host.write("etc/apt/apt.conf", """
                Dir::Etc::Parts "/dev/null";
                Dir::Etc::main "/dev/null";
                Dir::Etc::sourcelist "/dev/null";
                Dir::Etc::sourceparts "%1$s/etc/apt/sources.list.d";
                Dir::State::lists "%1$s/etc/apt/lists";
                """.formatted(host.root));
        host.set("APT_CONFIG", configuration.toString());
    }

    /** On a Debian a missing apt is a failure; elsewhere there is nothing to test, for the scripts unpack nothing. */
    static void needsApt() {
        boolean debian = Files.isReadable(Path.of("/etc/debian_version"));
        assumeTrue(debian || SetUpHost.has("apt-get"), "the scripts unpack nothing without apt");
        Requirements.need(SetUpHost.has("apt-get") && SetUpHost.has("dpkg-deb"), "apt-get and dpkg-deb are there");
    }

    /** Makes a keyring the one by which Debian's archives are checked. */
    void trust(byte[] keyring) throws IOException {
        Files.write(host.write("usr/share/keyrings/debian-archive-keyring.gpg", ""), keyring);
    }

    SetUpHost.Outcome setUp() throws IOException, InterruptedException {
        return host.run("quickstart", "--setup-only");
    }

    /** Sets up, and both are whole, are found, and run. */
    void setsUp() throws IOException, InterruptedException {
        assertIsSetUp(setUp());
    }

    void assertIsSetUp(SetUpHost.Outcome outcome) throws IOException {
        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(outcome.output())
                .contains("found virtiofsd 1.13.2 (%s)".formatted(host.root.resolve(VIRTIOFSD)))
                .contains(
                        "found guest kernel " + SignedMirror.KERNEL + " (%s/boot/".formatted(host.root.resolve(KERNEL)))
                .endsWith("quickstart: everything needed is there\n");
        assertThat(host.root.resolve(CACHE + "/unpacking")).doesNotExist();
        assertKernelIsWhole();
    }

    void assertKernelIsWhole() throws IOException {
        assertThat(host.files(KERNEL))
                .containsKeys(
                        "boot/vmlinuz-" + SignedMirror.KERNEL,
                        "lib/modules/" + SignedMirror.KERNEL + "/modules.dep",
                        "lib/modules/" + SignedMirror.KERNEL + "/kernel/fs/overlayfs/overlay.ko")
                .doesNotContainKeys("usr", "bin", "depmod");
    }
}
