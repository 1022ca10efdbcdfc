/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.GuestMounts;
import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guests that mount by themselves, from the texts of {@code GuestMounts}: each mount is the one that the library makes in a guest it boots,
 * what was kept there is there again, and what is written reaches the host.
 */
@Timeout(180)
class GuestMountTextsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int UID = 1000;
    private static final String LOWER = "/srv/lower: a,b";
    private static final String ODD = "/opt/a $b\"c, 100%";
    private static final String HOME = "/home/dev";
    private static final Pattern ESCAPED = Pattern.compile("\\\\x([0-9a-f]{2})");

    /** What fstab asks for in its comments, where it can be done before. */
    private static final String AS_FSTAB_ASKS = """
            mkdir -m 0700 /newroot/home/dev && chown 1000:1000 /newroot/home/dev
            : >/newroot/home/dev/.netrc
            : >/newroot/etc/kept
            : >/newroot/etc/other
            """;

    @TempDir
    private static Path temp;

    private static VmHost host;
    private static OwnGuest own;
    private static Map<String, String> expected;

    @BeforeAll
    static void bootTheGuestToCompareWith() throws IOException {
        Requirements.canBootHostRoot();
        for (String program : List.of("/lib/systemd/systemd", "/lib/systemd/systemd-udevd")) {
            Requirements.need(Files.isExecutable(Path.of(program)), program + " is there");
        }
        for (String program : List.of("findmnt", "busybox", "debugfs")) {
            Requirements.need(SetUpHost.has(program), program + " is there");
        }
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String folder : List.of("lower", "served", "persistent", "keep")) {
            Files.createDirectory(temp.resolve(folder));
        }
        Files.writeString(temp.resolve("lower/stays"), "lower\n");
        if (Requirements.isRoot()) {
            Files.setAttribute(temp.resolve("served"), "unix:uid", UnprivilegedCaller.UID);
        }
        host = VmHost.create();
        try (MicroVm vm = host.start(spec(true))) {
            own = OwnGuest.like(vm);
            write(vm, "library");
            expected = look(vm, spec(true));
            vm.shutdown(LIMIT);
        }
    }

    @AfterAll
    static void close() {
        if (host != null) {
            host.close();
        }
    }

    private static VmSpec spec(boolean overlayInMemory) {
        VmSpec.Builder spec = VmSpec.builder()
                .name("texts")
                .memoryMib(512)
                .boot(HostRoot.builder()
                        .from(BootSource.hostRoot())
                        .addEmptyFolders("/home")
                        .build())
                .addShares(
                        NinePShare.of("lower", temp.resolve("lower"))
                                .mountedAt(LOWER)
                                .asReadOnly(),
                        NinePShare.of("served", temp.resolve("served")).mountedAt("/srv/served"),
                        VirtiofsShare.of("persistent", temp.resolve("persistent"))
                                .mountedAt("/persistent")
                                .mappingUser(UID),
                        VirtiofsShare.builder()
                                .tag("keep")
                                .source(temp.resolve("keep"))
                                .mountPoint("/keep")
                                .xattr(true)
                                .build())
                .addVolumes(Volume.builder()
                        .from(Volume.of(temp.resolve("disk.img"))
                                .createdWith(64, FileSystem.EXT4)
                                .mountedAt("/data"))
                        .addMountOptions("noatime")
                        .build())
                .addPersistence(
                        Persistence.at("/persistent")
                                .directories("/var/lib/foo", ODD)
                                .files("/etc/kept"),
                        Persistence.at("/persistent")
                                .directories("git")
                                .file(".netrc", 0600)
                                .ofUser("dev", UID),
                        Persistence.at("/data/kept").directories("/var/lib/bar").files("/etc/other"))
                .addStoreOverlays(
                        overlay("volume", "/data/upper", UpperLayer.MOUNTED),
                        overlay("share", "/keep/upper", UpperLayer.MOUNTED));
        if (overlayInMemory) {
            spec.addStoreOverlays(overlay("memory", "/upper", UpperLayer.TMPFS));
        }
        return spec.build();
    }

    private static StoreOverlay overlay(String kind, String upper, UpperLayer layer) {
        StoreOverlay.Builder overlay = StoreOverlay.builder()
                .lower(LOWER)
                .upper(upper)
                .upperLayer(layer)
                .mountPoint("/over/" + kind);
        return (layer == UpperLayer.TMPFS ? overlay.sizeMib(16) : overlay).build();
    }

    private static String sh(MicroVm vm, String script) {
        return vm.shell().sh(script).orFail().stdout().strip();
    }

    /** {@return of each mount point what is mounted there, how, and who owns it; of a user's home the owner} */
    private static Map<String, String> look(MicroVm vm, VmSpec spec) {
        List<String> points = GuestMounts.of(spec).mountPoints();
        Map<String, String> seen = new LinkedHashMap<>();
        sh(vm, "findmnt -rno TARGET,SOURCE,FSTYPE,OPTIONS").lines().forEach(line -> {
            String target = ESCAPED.matcher(line.substring(0, line.indexOf(' ')))
                    .replaceAll(hex -> Character.toString(Integer.parseInt(hex.group(1), 16))
                            .replace("\\", "\\\\")
                            .replace("$", "\\$"));
            if (points.contains(target)) {
                // mount(8) notes these for others; the kernel never sees them.
                seen.merge(target, line.replaceAll(",x-systemd[^ ]*", ""), (one, other) -> one + " and " + other);
            }
        });
        List<String> stat = new ArrayList<>(List.of("stat", "-c", "%F %u:%g:%a"));
        stat.addAll(points);
        stat.add(HOME);
        Iterator<String> owners = vm.shell()
                .exec(stat.toArray(String[]::new))
                .orFail()
                .stdout()
                .lines()
                .iterator();
        points.forEach(point -> seen.merge(point, owners.next(), (mount, owner) -> mount + " " + owner));
        seen.put(HOME, owners.next());
        return seen;
    }

    /** Writes everywhere, as who may there: a file of this name in each folder, a line into each file. */
    private static void write(MicroVm vm, String name) {
        sh(vm, """
                set -e
                for folder in /persistent /srv/served /keep /data /var/lib/foo /var/lib/bar '%2$s' /over/volume /over/share; do
                    echo %1$s >"$folder/%1$s"
                done
                for file in /etc/kept /etc/other; do echo %1$s >>$file; done
                setpriv --reuid=1000 --regid=1000 --clear-groups \\
                    sh -c 'cd /home/dev && echo %1$s >git/%1$s && echo %1$s >>.netrc'
                """.formatted(name, ODD));
    }

    /** The whole check of a guest that runs. */
    private static void isAsTheLibrarysOwn(MicroVm vm, VmSpec spec, String name) throws IOException {
        Map<String, String> here = new LinkedHashMap<>(expected);
        here.keySet()
                .retainAll(Stream.concat(GuestMounts.of(spec).mountPoints().stream(), Stream.of(HOME))
                        .toList());
        assertThat(look(vm, spec)).containsExactlyInAnyOrderEntriesOf(here);
        assertThat(
                        sh(
                                vm,
                                "cat /data/library /srv/served/library /over/volume/library /over/share/library /var/lib/bar/library"
                                        + " /home/dev/git/library; head -qn1 /etc/kept /etc/other /home/dev/.netrc; cat /over/*/stays | sort -u"))
                .as("what was kept")
                .isEqualTo("library\n".repeat(9) + "lower");
        assertThat(sh(vm, "! { echo no >'" + LOWER + "/no'; } 2>&1")).endsWith("Read-only file system");
        write(vm, name);
        for (String file : List.of(
                "persistent/" + name,
                "served/" + name,
                "keep/" + name,
                "persistent/var/lib/foo/" + name,
                "persistent" + ODD + "/" + name,
                "persistent/home/dev/git/" + name,
                "keep/upper/store/" + name)) {
            assertThat(temp.resolve(file)).hasContent(name);
        }
        for (String file : List.of("persistent/etc/kept", "persistent/home/dev/.netrc")) {
            assertThat(Files.readString(temp.resolve(file))).endsWith(name + "\n");
        }
    }

    /** The image of a volume that no guest has mounted any more. */
    private static void isOnTheVolume(String name) throws IOException, InterruptedException {
        for (String file : List.of("/" + name, "/kept/var/lib/bar/" + name, "/upper/store/" + name)) {
            assertThat(Command.of(
                                    SetUpHost.real("debugfs").toString(),
                                    "-R",
                                    "cat " + file,
                                    temp.resolve("disk.img").toString())
                            .runWithin(LIMIT)
                            .lines())
                    .contains(name);
        }
    }

    @Test
    void mountReadsTheFstab() throws IOException, InterruptedException {
        VmSpec spec = spec(true);
        List<String> points = GuestMounts.of(spec).mountPoints();
        String folders = points.stream()
                .filter(point ->
                        !List.of("/etc/kept", "/etc/other", "/home/dev/.netrc").contains(point))
                .map(point -> "$busybox mkdir -p '/newroot" + point + "'\n")
                .collect(Collectors.joining());
        Map<String, String> files = Map.of("/etc/own.fstab", fstab(spec));
        try (MicroVm vm = host.start(own.plain(spec, files, AS_FSTAB_ASKS + folders, temp.resolve("plain")))) {
            sh(vm, "/lib/systemd/systemd-udevd --daemon && udevadm trigger --subsystem-match=block --settle");
            assertThat(vm.shell()
                            .sh("mount -a -T /etc/own.fstab")
                            .stderr()
                            .lines()
                            .filter(line -> line.startsWith("mount:")))
                    .as("the folders on the tmpfs are not there yet")
                    .singleElement()
                    .asString()
                    .contains("/over/memory");
            sh(vm, "mkdir /upper/store /upper/work && mount -a -T /etc/own.fstab");
            isAsTheLibrarysOwn(vm, spec, "fstab");
            // In reverse order, so that nothing is busy.
            List<String> umount = new ArrayList<>(points);
            umount.add("umount");
            Collections.reverse(umount);
            vm.shell().exec(umount.toArray(String[]::new)).orFail();
            vm.shutdown(LIMIT);
        }
        isOnTheVolume("fstab");
    }

    @Test
    void systemdStartsTheUnits() throws Exception {
        VmSpec spec = spec(true);
        Map<String, String> files = new LinkedHashMap<>();
        GuestMounts.of(spec).systemdUnits().forEach((name, unit) -> files.put("/etc/systemd/system/" + name, unit));
        // Read-only until systemd-remount-fs has read this, as the root of most guests is.
        files.put("/etc/fstab", "own-root / overlay rw 0 0\n");
        underSystemd(
                spec,
                files,
                "$busybox chroot /newroot mount -o remount,ro / || die 'the root stays writable'\n",
                "units");
    }

    @Test
    void systemdReadsTheFstab() throws Exception {
        VmSpec spec = spec(false);
        underSystemd(spec, Map.of("/etc/fstab", fstab(spec)), AS_FSTAB_ASKS, "generator");
    }

    private static void underSystemd(VmSpec spec, Map<String, String> files, String before, String name)
            throws Exception {
        try (MicroVm vm = host.start(own.systemd(spec, files, before, temp.resolve(name)))) {
            assertThat(sh(vm, "cat /proc/1/comm")).isEqualTo("systemd");
            assertThat(sh(vm, "systemctl --failed --no-legend; systemctl is-active local-fs.target || :"))
                    .as(() -> sh(vm, "dmesg --notime | tail -n 60"))
                    .isEqualTo("active");
            isAsTheLibrarysOwn(vm, spec, name);
            sh(vm, "systemctl --no-block poweroff");
            vm.onExit().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        isOnTheVolume(name);
    }

    private static String fstab(VmSpec spec) {
        return String.join("\n", GuestMounts.of(spec).fstab()) + "\n";
    }
}
