/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static dev.microvm.examples.GuestFileChecks.expect;
import static dev.microvm.examples.GuestFileChecks.file;
import static dev.microvm.examples.GuestFileChecks.refused;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The checks of {@link GuestFileChecks} that are about names: links, renames, deletions. */
final class GuestNameChecks {
    private static final String FIRST = "first\n";
    private static final String SECOND = "second, longer\n";

    static final List<String> NAMES = List.of("é", "e\u0301", "日本語", "🦀", "a b", "-n", "quote'\"\\", "Ω\u200b");

    private GuestNameChecks() {}

    static Map<String, GuestFileChecks.Check> all() {
        Map<String, GuestFileChecks.Check> all = new LinkedHashMap<>();
        all.put("renames", GuestNameChecks::renames);
        all.put("renamesOverAnExistingFile", GuestNameChecks::renamesOver);
        all.put("keepsTheSizeOfAReplacedFileThatIsOpen", GuestNameChecks::sizeOfReplaced);
        all.put("renamesAcrossFolders", GuestNameChecks::renamesAcross);
        all.put("refusesToRenameOverAFullFolder", GuestNameChecks::renamesOverFullFolder);
        all.put("makesSymlinks", GuestNameChecks::symlinks);
        all.put("makesHardLinks", GuestNameChecks::hardLinks);
        all.put("keepsUnicodeNames", GuestNameChecks::unicodeNames);
        all.put("takesNamesOf255BytesAndNoMore", GuestNameChecks::longNames);
        all.put("createsExclusivelyOnce", GuestNameChecks::createsOnce);
        all.put("readsADeletedFileThatIsOpen", GuestNameChecks::readsDeleted);
        all.put("truncatesADeletedFileThatIsOpen", GuestNameChecks::truncatesDeleted);
        all.put("refusesToDeleteAFullFolder", GuestNameChecks::deletesFullFolder);
        all.put("bindsUnixSockets", GuestNameChecks::sockets);
        return all;
    }

    private static void renames(Path folder) throws IOException {
        Path file = file(folder, "old", FIRST);
        Files.move(file, folder.resolve("new"), StandardCopyOption.ATOMIC_MOVE);
        expect(Files.exists(file), false);
        expect(Files.readString(folder.resolve("new")), FIRST);
        Path inner = Files.createDirectories(folder.resolve("folder/inner"));
        file(inner, "file", SECOND);
        Files.move(folder.resolve("folder"), folder.resolve("renamed"), StandardCopyOption.ATOMIC_MOVE);
        expect(Files.readString(folder.resolve("renamed/inner/file")), SECOND);
    }

    private static void renamesOver(Path folder) throws IOException {
        Path file = file(folder, "new", SECOND);
        Path target = file(folder, "target", FIRST);
        try (FileChannel open = FileChannel.open(target, StandardOpenOption.READ)) {
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            expect(Files.readString(target), SECOND);
            ByteBuffer bytes = ByteBuffer.allocate(100);
            expect(open.read(bytes), FIRST.length());
            expect(new String(bytes.array(), 0, FIRST.length(), StandardCharsets.UTF_8), FIRST);
        }
        expect(Files.exists(file), false);
    }

    private static void sizeOfReplaced(Path folder) throws IOException {
        Path file = file(folder, "new", SECOND);
        Path target = file(folder, "target", FIRST);
        try (FileChannel open = FileChannel.open(target, StandardOpenOption.READ)) {
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            expect(open.size(), (long) FIRST.length());
        }
    }

    private static void renamesAcross(Path folder) throws IOException {
        Path from = Files.createDirectory(folder.resolve("from"));
        Path to = Files.createDirectory(folder.resolve("to"));
        Files.move(file(from, "file", FIRST), to.resolve("file"), StandardCopyOption.ATOMIC_MOVE);
        expect(Files.readString(to.resolve("file")), FIRST);
        expect(Files.exists(from.resolve("file")), false);
    }

    private static void renamesOverFullFolder(Path folder) throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path full = Files.createDirectory(folder.resolve("full"));
        file(full, "file", FIRST);
        refused(FileSystemException.class, () -> Files.move(empty, full, StandardCopyOption.ATOMIC_MOVE));
        expect(Files.readString(full.resolve("file")), FIRST);
    }

    private static void symlinks(Path folder) throws IOException {
        file(folder, "file", FIRST);
        Path relative = Files.createSymbolicLink(folder.resolve("relative"), Path.of("file"));
        Path absolute = Files.createSymbolicLink(folder.resolve("absolute"), folder.resolve("file"));
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere/at all"));
        expect(Files.readString(relative), FIRST);
        expect(Files.readString(absolute), FIRST);
        expect(Files.readSymbolicLink(dangling), Path.of("nowhere/at all"));
        expect(Files.exists(dangling), false);
        expect(Files.exists(dangling, LinkOption.NOFOLLOW_LINKS), true);
        Files.delete(relative);
        expect(Files.exists(folder.resolve("file")), true);
    }

    private static void hardLinks(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        Path link = Files.createLink(folder.resolve("link"), file);
        Files.writeString(link, SECOND, StandardOpenOption.APPEND);
        expect(Files.readString(file), FIRST + SECOND);
        expect(Files.getAttribute(file, "unix:nlink"), 2);
        expect(Files.getAttribute(file, "unix:ino"), Files.getAttribute(link, "unix:ino"));
        Files.delete(file);
        expect(Files.readString(link), FIRST + SECOND);
        expect(Files.getAttribute(link, "unix:nlink"), 1);
        Files.createLink(folder.resolve("other"), link);
    }

    private static void unicodeNames(Path folder) throws IOException {
        for (String name : NAMES) {
            file(folder, name, name);
        }
        try (Stream<Path> found = Files.list(folder)) {
            expect(
                    found.map(path -> path.getFileName().toString()).sorted().toList(),
                    NAMES.stream().sorted().toList());
        }
        for (String name : NAMES) {
            expect(Files.readString(folder.resolve(name)), name);
        }
    }

    private static void longNames(Path folder) throws Exception {
        String most = "n".repeat(255);
        file(folder, most, FIRST);
        expect(Files.readString(folder.resolve(most)), FIRST);
        refused(FileSystemException.class, () -> file(folder, most + "n", FIRST));
        Path deep = folder;
        for (int i = 0; i < 12; i++) {
            deep = Files.createDirectory(deep.resolve("d".repeat(200)));
        }
        expect(Files.readString(file(deep, "file", SECOND)), SECOND);
    }

    private static void createsOnce(Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        refused(FileAlreadyExistsException.class, () -> Files.createFile(file));
        refused(FileAlreadyExistsException.class, () -> Files.createDirectory(file));
    }

    private static void readsDeleted(Path folder) throws Exception {
        Path file = file(folder, "file", FIRST);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Files.delete(file);
            ByteBuffer bytes = ByteBuffer.allocate(100);
            expect(channel.read(bytes), FIRST.length());
            expect(new String(bytes.array(), 0, FIRST.length(), StandardCharsets.UTF_8), FIRST);
        }
        refused(NoSuchFileException.class, () -> Files.readString(file));
        try (Stream<Path> left = Files.list(folder)) {
            expect(left.count(), 0L);
        }
    }

    private static void truncatesDeleted(Path folder) throws IOException {
        Path file = file(folder, "file", SECOND);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Files.delete(file);
            channel.truncate(1);
            expect(channel.size(), 1L);
        }
    }

    private static void deletesFullFolder(Path folder) throws Exception {
        Path full = Files.createDirectory(folder.resolve("full"));
        Path file = file(full, "file", FIRST);
        refused(DirectoryNotEmptyException.class, () -> {
            Files.delete(full);
            return full;
        });
        Files.delete(file);
        Files.delete(full);
        expect(Files.exists(full), false);
    }

    private static void sockets(Path folder) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
            expect(Files.exists(folder.resolve("s")), true);
        }
    }
}
