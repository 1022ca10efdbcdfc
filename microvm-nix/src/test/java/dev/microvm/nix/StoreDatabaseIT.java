/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The library's reading of a database beside the real Nix'. */
class StoreDatabaseIT {
    @Test
    void dumpIsByteForByteWhatNixPrints() throws Exception {
        try (RealNix real = RealNix.asCaller()) {
            fill(real.nix());
            assertSameAsNix(real);
        }
    }

    @Test
    void dumpOfBuiltPathsHasTheirDeriversAndReferencesToThemselves() throws Exception {
        try (RealNix real = RealNix.asCaller()) {
            RealNix.require(real.canBuild(), "mount namespaces are not allowed");
            String self = real.nix()
                    .build("derivation { name = \"self\"; system = builtins.currentSystem; builder = \"/bin/sh\";"
                            + " args = [ \"-c\" \"echo $out > $out\" ]; }")
                    .get(0);
            assertSameAsNix(real);
            assertThat(real.store().database().references(self)).containsExactly(self);
            assertThat(DumpRecord.of(StoreDump.of(real.store().database())))
                    .anyMatch(record ->
                            record.path().equals(self) && record.deriver().endsWith("-self.drv"));
        }
    }

    @Test
    void dumpSeesACommitThatAnotherProcessHoldsInTheLog() throws Exception {
        try (RealNix real = RealNix.asCaller()) {
            fill(real.nix());
            StoreDatabase database = real.store().database();
            Process opener = openAndStay(real);
            try {
                Object modified = Files.getLastModifiedTime(database.file());
                StoreToken before = database.token();
                String late = real.nix().addText("late", "added while the store was open");
                assertThat(Files.getLastModifiedTime(database.file()))
                        .as("the trap")
                        .isEqualTo(modified);
                assertThat(DumpRecord.of(StoreDump.of(database)))
                        .extracting(DumpRecord::path)
                        .contains(late);
                assertThat(database.token()).isNotEqualTo(before);
                Map<String, String> files = SampleStore.files(database);
                assertThat(files).containsKeys("db.sqlite-wal", "db.sqlite-shm");
                StoreDump.of(database);
                database.token();
                assertThat(SampleStore.files(database))
                        .as("not even the log's index")
                        .isEqualTo(files);
                assertSameAsNix(real);
            } finally {
                opener.destroy();
                opener.waitFor();
            }
        }
    }

    @Test
    void readingLeavesNoFileAndChangesNone() throws Exception {
        try (RealNix real = RealNix.asCaller()) {
            fill(real.nix());
            StoreDatabase database = real.store().database();
            Map<String, String> before = SampleStore.files(database);
            database.token();
            StoreDump.of(database);
            assertThat(SampleStore.files(database))
                    .isEqualTo(before)
                    .doesNotContainKeys("db.sqlite-wal", "db.sqlite-shm");
        }
    }

    @Test
    void anotherUserReadsTheStoreOfRoot() throws Exception {
        try (RealNix real = RealNix.asCaller()) {
            RealNix.require(RealNix.isRoot(), "only root can become another user");
            fill(real.nix());
            Files.setPosixFilePermissions(real.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
            assertReadByNobody(real);
            Process opener = openAndStay(real);
            try {
                real.nix().addText("late", "added while the store was open");
                assertReadByNobody(real);
            } finally {
                opener.destroy();
                opener.waitFor();
            }
        }
    }

    private static void fill(NixCommands nix) {
        String a = nix.addText("a", "first");
        String b = nix.addText("b", "see " + a, a);
        nix.addText("c", "see both", a, b);
    }

    /** Returns when the store is open: with Nix, which opens it before it answers the first request. */
    private static Process openAndStay(RealNix real) throws IOException {
        Process process = real.start("--serve");
        // The serve protocol's greeting: a magic number and a version, each 8 bytes little-endian; the answer comes
        // after the opening.
        process.getOutputStream()
                .write(new byte[] {(byte) 0xeb, (byte) 0x9d, 0x0c, 0x39, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 0, 0});
        process.getOutputStream().flush();
        assertThat(process.getInputStream().readNBytes(16)).hasSize(16);
        return process;
    }

    private static void assertSameAsNix(RealNix real) throws Exception {
        StoreDump dump = StoreDump.of(real.store().database());
        Path ours = real.folder().resolve("our.dump");
        try (var out = Files.newOutputStream(ours)) {
            assertThat(dump.writeTo(out)).isEqualTo(Files.size(ours));
        }
        assertThat(Files.mismatch(ours, real.dumpedByNix()))
                .as("first byte that differs")
                .isEqualTo(-1);
        assertThat(dump.paths()).isPositive();
    }

    /** In a JVM of its own under the other user, on the module path as a consumer has it. */
    private static void assertReadByNobody(RealNix real) throws Exception {
        String expected = Files.readString(real.dumpedByNix());
        StoreDatabase database = real.store().database();
        Map<String, String> before = SampleStore.files(database);
        Path modules = Files.createTempDirectory(Path.of("/tmp"), "microvm-nix-modules");
        Path libraries = copyReadable(modules);
        List<String> command = new ArrayList<>(RealNix.becomeNobody());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx128m",
                "--module-path",
                libraries.toString(),
                "--add-modules",
                "dev.microvm.nix",
                "--patch-module",
                "dev.microvm.nix=" + modules.resolve("tests"),
                "--module",
                "dev.microvm.nix/" + DumpMain.class.getName(),
                real.store().root().orElseThrow().toString()));
        try {
            ProcessExit exit = HostProcess.run(command, Map.of(), Duration.ofMinutes(1));
            assertThat(exit.code()).as(exit.describe()).isZero();
            assertThat(exit.text()).isEqualTo(expected);
            assertThat(SampleStore.files(database)).isEqualTo(before);
        } finally {
            deleteTree(modules);
        }
    }

    private static Path copyReadable(Path target) throws Exception {
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path libraries = Files.createDirectory(target.resolve("libraries"));
        for (String entry : System.getProperty("jdk.module.path").split(File.pathSeparator)) {
            copyTree(
                    Path.of(entry),
                    libraries.resolve(libraries.toFile().list().length + "-"
                            + Path.of(entry).getFileName()));
        }
        Path main = Path.of(DumpMain.class.getResource("DumpMain.class").toURI());
        Path tests = Files.createDirectories(target.resolve("tests/dev/microvm/nix"));
        Files.copy(main, tests.resolve("DumpMain.class"));
        return libraries;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (Files.isRegularFile(to)) {
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
