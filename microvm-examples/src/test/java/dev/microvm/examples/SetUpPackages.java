/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.util.List;

/** What the set-up scripts look for on a {@link SetUpHost}: programs that can say their version, a JDK, kernels, and an apt that brings them. */
final class SetUpPackages {
    static final List<String> MODULES =
            List.of("fs/9p/9p", "net/9p/9pnet_virtio", "fs/fuse/virtiofs", "fs/overlayfs/overlay");

    private static final String APT_GET = """
            case " $* " in
              *" update "* | *" install "*) [ "$(id -u)" = 0 ] || [ -n "${FAKE_SUDO:-}" ] || exit 100 ;;
            esac
            case " $* " in
              *" indextargets "*) echo 'Debian|/etc/apt/sources.list:1|bookworm|main|http://mirror.invalid/debian/' ;;
              *" install "*) for word; do if [ -d "$FAKE_PACKAGES/$word" ]; then cp -R "$FAKE_PACKAGES/$word/." "$MICROVM_SET_UP_ROOT/"; fi; done ;;
            esac""";

    private final SetUpHost host;

    SetUpPackages(SetUpHost host) {
        this.host = host;
    }

    /** An apt-get whose install copies what {@link #available} has put aside, and a dpkg-deb, by which Debian is known. */
    void apt() throws IOException {
        host.set("FAKE_PACKAGES", host.root.resolve("packages").toString());
        host.program("apt-get", APT_GET);
        host.program("dpkg-deb", "exit 1");
        host.program("dpkg", "echo amd64");
    }

    /** Lets the fake apt-get have every Debian package. */
    void available() throws IOException {
        all("packages/%s/");
    }

    /** Everything quickstart needs is there. */
    void everything() throws IOException {
        all("");
        utilLinux();
        kernel("", "6.1.0-9-amd64", MODULES);
        virtiofsd("virtiofsd 1.13.2");
    }

    /** Except unshare, which comes with {@link #utilLinux}. */
    void whatOnlyTheTestsNeed() throws IOException {
        says("usr/bin/qemu-system-aarch64", "QEMU emulator version 7.2.22");
        says("usr/bin/depmod", "kmod version 30");
        says("usr/bin/pgrep", "pgrep from procps-ng 4.0.2");
        says("usr/sbin/mkfs.ext4", "mke2fs 1.47.0 (5-Feb-2023)");
        says("usr/bin/qemu-img", "qemu-img version 7.2.22");
        says("usr/bin/newuidmap", "usage: newuidmap [<pid|fd:<pidfd>] <uid> <loweruid> <count>");
        says("usr/bin/shellcheck", "ShellCheck - shell script analysis tool\nversion: 0.9.0");
        says("usr/bin/systemd-analyze", "systemd 252 (252.39-1~deb12u2)");
        says("usr/bin/udevadm", "252");
        for (String release : List.of("7.2", "10.0", "11.1")) {
            says(
                    "var/cache/microvm/qemu/%s/qemu-system-x86_64".formatted(release),
                    "QEMU emulator version %s.2".formatted(release));
        }
    }

    /** A Python that can import what lies where it is told to look, and nothing else. */
    void python() throws IOException {
        host.executable("usr/bin/python3", """
                case $1 in
                  --version) echo Python 3.11.2 ;;
                  -c) [ "$2" = 'import qemu.qmp' ] && [ -e "$PYTHONPATH/qemu/qmp/__init__.py" ] ;;
                esac""");
    }

    /** What {@code verify --full} puts shares under load with, and makes file systems by. */
    void loads() throws IOException {
        says("usr/sbin/mkfs.xfs", "mkfs.xfs version 6.1.0");
        says("usr/sbin/mkfs.btrfs", "mkfs.btrfs, part of btrfs-progs v6.2");
        says("usr/sbin/mkfs.vfat", "mkfs.fat 4.2 (2021-01-31)");
        says("usr/bin/stress-ng", "stress-ng, version 0.15.06 (gcc 12.2)");
        says("usr/bin/fio", "fio-3.33");
    }

    /** What {@code verify --full} compares the QMP client with. */
    void qemuQmp() throws IOException {
        host.write("var/cache/microvm/python/qemu-qmp/qemu/qmp/__init__.py", "");
    }

    void utilLinux() throws IOException {
        says("usr/bin/setpriv", "setpriv from util-linux 2.38.1");
        says("usr/bin/setsid", "setsid from util-linux 2.38.1");
        says("usr/bin/unshare", "unshare from util-linux 2.38.1");
    }

    private void all(String folder) throws IOException {
        jdk(folder.formatted("openjdk-17-jdk-headless"), "17.0.15");
        maven(folder.formatted("maven"), "3.8.7");
        says(folder.formatted("qemu-system-x86") + "usr/bin/qemu-system-x86_64", "QEMU emulator version 7.2.22");
        says(folder.formatted("busybox-static") + "usr/bin/busybox", "BusyBox v1.35.0 (Debian 1:1.35.0-4+b7)");
        says(folder.formatted("nix-bin") + "usr/bin/nix", "nix (Nix) 2.8.0");
    }

    void says(String file, String line) throws IOException {
        host.executable(
                file, "if [ $# = 0 ] || [ \"$1\" = --version ]; then echo '%s'; else exit 1; fi".formatted(line));
    }

    void jdk(String folder, String version) throws IOException {
        String home = folder + "usr/lib/jvm/java-" + version;
        host.executable(home + "/bin/javac", "");
        host.executable(home + "/bin/java", "exit ${FAKE_JAVA_EXIT:-0}");
        host.write(home + "/release", "JAVA_VERSION=\"%s\"\n".formatted(version));
    }

    /** Its build leaves the one file that quickstart reads. */
    void maven(String folder, String version) throws IOException {
        host.executable(folder + "usr/bin/mvn", """
                case " $* " in
                  *" -v "*) echo 'Apache Maven %s'; exit ;;
                esac
                echo "LC_ALL=${LC_ALL:-}"
                mkdir -p microvm-examples/target
                printf lib.jar > microvm-examples/target/classpath.txt
                exit ${FAKE_MAVEN_EXIT:-0}""".formatted(version));
    }

    void kernel(String folder, String version, List<String> modules) throws IOException {
        host.write(folder + "boot/vmlinuz-" + version, "kernel");
        StringBuilder dep = new StringBuilder();
        modules.forEach(module -> dep.append("kernel/%s.ko: \n".formatted(module)));
        host.write(folder + "lib/modules/%s/modules.dep".formatted(version), dep.toString());
        host.write(
                folder + "lib/modules/%s/modules.builtin".formatted(version),
                "kernel/drivers/virtio/virtio_mmio.ko\nkernel/drivers/char/virtio_console.ko\n");
    }

    void virtiofsd(String versionLine) throws IOException {
        says("usr/libexec/virtiofsd", versionLine);
    }
}
