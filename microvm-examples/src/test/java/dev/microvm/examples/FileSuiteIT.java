/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What programs do with files, in one real guest, in a shared folder of each kind: {@link GuestFileChecks} inside, and what takes both sides.
 * With {@code -Dmicrovm.full=true} 10,000 small files instead of 500 and 1 GiB instead of 16 MiB.
 */
class FileSuiteIT {
    private static final boolean FULL = Boolean.getBoolean("microvm.full");
    private static final int SMALL_FILES = FULL ? 10_000 : 500;
    /** On the kinds that differ from the defaults by their cache alone. */
    private static final int FEW_FILES = 50;

    private static final Set<SharedFolder> DEFAULTS = Set.of(SharedFolder.VIRTIOFS_AUTO, SharedFolder.NINEP_NONE);
    private static final int LARGE_MIB = FULL ? 1024 : 16;
    private static final Duration LIMIT = Duration.ofMinutes(FULL ? 60 : 10);

    /** What virtiofs AUTO promises is one second; the rest is for a machine that does other things too. */
    private static final Duration AUTO_LIMIT = Duration.ofSeconds(20);

    private static final int CHECKS = 27;

    @TempDir
    private static Path folder;

    private static final Map<SharedFolder, Path> SOURCES = new EnumMap<>(SharedFolder.class);
    private static VmHost host;
    private static MicroVm vm;
    private static String results = "";

    @BeforeAll
    static void runTheProgramInTheGuest() throws IOException {
        Requirements.canBootHostRoot();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        GuestProgram program = GuestProgram.in(
                folder.resolve("program"), GuestFileChecks.class, GuestContentChecks.class, GuestNameChecks.class);
        VmSpec.Builder spec = VmSpec.builder()
                .name("files")
                .memoryMib(1024)
                .boot(BootSource.hostRoot())
                .addShares(program.share());
        for (SharedFolder kind : SharedFolder.values()) {
            Path source = Files.createDirectory(folder.resolve(kind.name()));
            // A root caller's QEMU is another user, who serves 9p.
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxrwxrwx"));
            SOURCES.put(kind, source);
            spec.addShares(kind.share(source));
        }
        host = VmHost.create();
        vm = host.start(spec.build());
        List<String> arguments = new ArrayList<>();
        for (SharedFolder kind : SharedFolder.values()) {
            arguments.add(kind.mountPoint() + "=" + smallFiles(kind));
        }
        ExecResult run = vm.shell()
                .exec(ExecRequest.builder()
                        .from(program.request(arguments.toArray(String[]::new)))
                        .limit(LIMIT)
                        .maxCapturedBytes(1 << 20)
                        .build());
        results = run.stdout();
        run.orFail();
        System.out.println("file suite in the guest: " + run.elapsed().toSeconds() + " s, of these with small files: "
                + results.lines()
                        .filter(line -> line.startsWith("TIME") && line.contains("holdsManySmallFiles"))
                        .map(line -> line.replaceAll("TIME\t/mnt/(\\w+)\t\\w+\t", "$1 "))
                        .toList());
    }

    @AfterAll
    static void end() {
        if (host != null) {
            host.close();
        }
        SOURCES.clear();
    }

    private static Path source(SharedFolder kind) {
        return SOURCES.get(kind);
    }

    private static int smallFiles(SharedFolder kind) {
        return DEFAULTS.contains(kind) ? SMALL_FILES : FEW_FILES;
    }

    private static String guest(String script, SharedFolder kind) {
        return vm.shell()
                .exec(ExecRequest.builder()
                        .addCommand("sh", "-c", "cd " + kind.mountPoint() + " && {\n" + script + "\n}")
                        .limit(LIMIT)
                        .build())
                .orFail()
                .stdout()
                .strip();
    }

    @ParameterizedTest
    @EnumSource
    void guestDoesEverythingButWhatThisKindIsKnownToRefuse(SharedFolder kind) {
        Map<String, String> failed = new TreeMap<>();
        List<String[]> lines = results.lines()
                .map(line -> line.split("\t", -1))
                .filter(words -> words[0].equals("RESULT") && words[1].equals(kind.mountPoint()))
                .toList();
        lines.stream().filter(words -> !words[3].equals("ok")).forEach(words -> failed.put(words[2], words[3]));

        assertThat(lines).as(results).hasSize(CHECKS);
        assertThat(failed.keySet()).as("%s", failed).isEqualTo(kind.refuses());
    }

    /** The host has no cache of the guest's. */
    @ParameterizedTest
    @EnumSource
    void hostFindsWhatEachOfThemLeft(SharedFolder kind) {
        Map<String, GuestFileChecks.Check> traces = GuestFileTraces.all(smallFiles(kind));
        assertThat(traces).hasSize(CHECKS);
        traces.keySet().removeAll(kind.refuses());
        Map<String, String> wrong = new TreeMap<>();
        traces.forEach((name, trace) -> {
            try {
                trace.in(source(kind).resolve(name));
            } catch (Exception | AssertionError e) {
                wrong.put(name, e.toString());
            }
        });
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatTheGuestDoesIsThereOnTheHostAtOnce(SharedFolder kind) throws IOException {
        guest(
                "mkdir seen && echo one >seen/file && echo two >>seen/file && ln -s file seen/link && echo x >seen/gone",
                kind);
        Path seen = source(kind).resolve("seen");
        assertThat(seen.resolve("file")).hasContent("one\ntwo\n");
        assertThat(Files.readSymbolicLink(seen.resolve("link"))).isEqualTo(Path.of("file"));

        guest("rm seen/gone && mv seen/file seen/moved && chmod 0640 seen/moved", kind);
        assertThat(seen.resolve("gone")).doesNotExist();
        assertThat(seen.resolve("file")).doesNotExist();
        assertThat(seen.resolve("moved")).hasContent("one\ntwo\n");
        assertThat(Files.getPosixFilePermissions(seen.resolve("moved")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    }

    /**
     * A file of another size, a new one and one that is gone, all of which the guest had looked at before. It looks by stat(2) alone first: to
     * open a file asks the host whatever the policy, and to have read one makes the next stat(2) do so. With cache ALWAYS nothing is promised: the
     * guest may show the old for a day, or forget it at once when it needs the memory.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VIRTIOFS_ALWAYS")
    void hostChangesAreSeenAsTheCachePolicySays(SharedFolder kind) throws IOException {
        Path source = source(kind);
        write(source.resolve("changing"), "before");
        write(source.resolve("going"), "still here");
        String look = "stat -c '%n %s' changing going coming 2>/dev/null || true";
        assertThat(guest(look, kind)).isEqualTo("changing 6\ngoing 10");

        write(source.resolve("changing"), "after, and longer");
        Files.delete(source.resolve("going"));
        write(source.resolve("coming"), " and new");

        String now = guest(look, kind);
        String right = "changing 17\ncoming 8";
        if (kind == SharedFolder.VIRTIOFS_AUTO) {
            assertThat(HostProcesses.within(AUTO_LIMIT, () -> guest(look, kind).equals(right)))
                    .as("found at once: %s", now)
                    .isTrue();
        } else {
            assertThat(now).isEqualTo(right);
        }
        assertThat(guest("cat changing coming", kind)).isEqualTo("after, and longer and new");
    }

    private static void write(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    /** The way there is read by the guest, the way back written. */
    @ParameterizedTest
    @EnumSource(names = {"VIRTIOFS_AUTO", "NINEP_NONE"})
    void largeFileIsTheSameOnBothSides(SharedFolder kind) throws Exception {
        Path file = source(kind).resolve("large");
        Random random = new Random(7);
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < LARGE_MIB; i++) {
                random.nextBytes(block);
                out.write(block);
            }
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        String sum = sha256(file);

        assertThat(guest("sha256sum <large", kind)).startsWith(sum);
        guest("dd if=large of=copy bs=1M conv=fsync 2>/dev/null", kind);
        assertThat(sha256(source(kind).resolve("copy"))).isEqualTo(sum);
        guest("rm large copy", kind);
        assertThat(file).doesNotExist();
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            long unused = in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @ParameterizedTest
    @EnumSource
    void sparseFilesStaySparse(SharedFolder kind) throws IOException {
        String[] sizes = guest(
                        "truncate -s 1G sparse && echo end >>sparse && stat -c '%s %b' sparse"
                                + " && dd if=sparse bs=1 skip=500000000 count=1 2>/dev/null | od -An -tx1",
                        kind)
                .split("\\s+", -1);

        assertThat(Long.parseLong(sizes[0])).isEqualTo((1L << 30) + 4);
        assertThat(Long.parseLong(sizes[1])).as("blocks of 512 bytes").isLessThan(2048);
        assertThat(sizes[2]).isEqualTo("00");
        assertThat(Files.size(source(kind).resolve("sparse"))).isEqualTo((1L << 30) + 4);
    }

    /** Locks of flock(2); those of fcntl(2) are among the {@link GuestFileChecks}. */
    @ParameterizedTest
    @EnumSource
    void flockKeepsOthersOut(SharedFolder kind) {
        assertThat(guest(
                        "touch lock; flock lock sh -c 'flock -n lock true && echo both || echo refused';"
                                + " flock -n lock echo free",
                        kind))
                .isEqualTo("refused\nfree");
    }

    /** A pipe is one between programs of the guest, by 9p refused as sockets are; a device would be one of the host. */
    @ParameterizedTest
    @EnumSource
    void pipesAndDevicesAreNoneOfTheHosts(SharedFolder kind) throws IOException {
        String said = guest(
                "mkfifo pipe 2>/dev/null && { echo through >pipe & cat pipe; } || echo no pipe; wait;"
                        + " mknod device c 1 3 2>/dev/null && { echo made; echo x >device; } || echo refused; ls",
                kind);

        assertThat(said).startsWith(kind.isVirtiofs() ? "through\n" : "no pipe\n");
        if (kind.isVirtiofs()) {
            Path pipe = source(kind).resolve("pipe");
            assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther())
                    .as("a pipe on the host, too")
                    .isTrue();
        }
        assertThat(said).contains("refused");
        assertThat(source(kind).resolve("device")).doesNotExist();
    }
}
