/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static dev.microvm.examples.GuestFileChecks.expect;
import static dev.microvm.examples.GuestFileChecks.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** The checks of {@link GuestFileChecks} that are about what is in files, and their attributes. */
final class GuestContentChecks {
    private static final String FIRST = "first\n";
    private static final String SECOND = "second, longer\n";

    static final List<String> MODES = List.of("rwxr-x---", "r--------", "rw-rw-rw-");
    static final FileTime PAST = FileTime.from(Instant.ofEpochSecond(1_000_000_000, 123_456_000));

    private GuestContentChecks() {}

    static Map<String, GuestFileChecks.Check> all(int smallFiles) {
        Map<String, GuestFileChecks.Check> all = new LinkedHashMap<>();
        all.put("readsBackWhatItWrote", GuestContentChecks::readsBack);
        all.put("appends", GuestContentChecks::appends);
        all.put("appendsFromTwoWritersWithoutLoss", GuestContentChecks::appendsFromTwoWriters);
        all.put("truncatesAndExtends", GuestContentChecks::truncates);
        all.put("mapsPrivately", GuestContentChecks::mapsPrivately);
        all.put("mapsSharedForReading", GuestContentChecks::mapsForReading);
        all.put("mapsSharedForWriting", GuestContentChecks::mapsForWriting);
        all.put("keepsUserAttributes", GuestContentChecks::userAttributes);
        all.put("keepsModes", GuestContentChecks::modes);
        all.put("keepsTimes", GuestContentChecks::times);
        all.put("syncsFilesAndFolders", GuestContentChecks::syncs);
        all.put("holdsManySmallFiles", folder -> manySmallFiles(folder, smallFiles));
        return all;
    }

    private static void readsBack(Path folder) throws IOException {
        byte[] bytes = new byte[300_001];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 >> 3);
        }
        Path file = Files.write(folder.resolve("file"), bytes);
        expect(Files.size(file), (long) bytes.length);
        expect(Arrays.equals(Files.readAllBytes(file), bytes), true);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            expect(channel.write(ByteBuffer.wrap(new byte[] {7, 8, 9}), 150_000), 3);
        }
        bytes[150_000] = 7;
        bytes[150_001] = 8;
        bytes[150_002] = 9;
        expect(Arrays.equals(Files.readAllBytes(file), bytes), true);
    }

    private static void appends(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        Files.writeString(file, SECOND, StandardOpenOption.APPEND);
        expect(Files.readString(file), FIRST + SECOND);
    }

    private static void appendsFromTwoWriters(Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (String line : List.of("aaaaaaa\n", "bbbbbbb\n")) {
                writers.add(threads.submit(() -> {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
                        for (int i = 0; i < 100; i++) {
                            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdown();
        }
        List<String> lines = Files.readAllLines(file);
        expect(lines.size(), 200);
        expect(lines.stream().filter("aaaaaaa"::equals).count(), 100L);
        expect(lines.stream().filter("bbbbbbb"::equals).count(), 100L);
    }

    private static void truncates(Path folder) throws IOException {
        Path file = file(folder, "extended", "0123456789");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(4);
            channel.write(ByteBuffer.wrap(new byte[] {'x'}), 6);
        }
        expect(Files.readString(file), "0123\0\0x");
        Path emptied = file(folder, "emptied", FIRST);
        Files.writeString(emptied, "", StandardOpenOption.TRUNCATE_EXISTING);
        expect(Files.size(emptied), 0L);
    }

    private static void mapsPrivately(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = channel.map(MapMode.PRIVATE, 0, FIRST.length());
            expect((char) map.get(0), 'f');
            map.put(0, (byte) 'X');
            expect((char) map.get(0), 'X');
        }
        expect(Files.readString(file), FIRST);
    }

    private static void mapsForReading(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MappedByteBuffer map = channel.map(MapMode.READ_ONLY, 0, FIRST.length());
            byte[] bytes = new byte[FIRST.length()];
            map.get(bytes);
            expect(new String(bytes, StandardCharsets.UTF_8), FIRST);
        }
    }

    private static void mapsForWriting(Path folder) throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[10_000]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = channel.map(MapMode.READ_WRITE, 0, 10_000);
            map.put(0, (byte) 'a').put(9_999, (byte) 'z');
            map.force();
        }
        byte[] bytes = Files.readAllBytes(file);
        expect((char) bytes[0], 'a');
        expect((char) bytes[9_999], 'z');
    }

    private static void userAttributes(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        view.write("microvm.check", ByteBuffer.wrap(new byte[] {1, 2, 3}));
        expect(view.list(), List.of("microvm.check"));
        ByteBuffer value = ByteBuffer.allocate(10);
        expect(view.read("microvm.check", value), 3);
        expect(value.flip(), ByteBuffer.wrap(new byte[] {1, 2, 3}));
        view.delete("microvm.check");
        expect(view.list(), List.of());
        view.write("microvm.kept", ByteBuffer.wrap(new byte[] {4, 5, 6}));
    }

    private static void modes(Path folder) throws IOException {
        for (String mode : MODES) {
            Path file = file(folder, mode, FIRST);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            expect(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), mode);
        }
    }

    private static void times(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        Files.setLastModifiedTime(file, PAST);
        expect(Files.getLastModifiedTime(file), PAST);
    }

    private static void syncs(Path folder) throws IOException {
        Path file = file(folder, "file", FIRST);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
            channel.force(false);
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void manySmallFiles(Path folder, int smallFiles) throws IOException {
        for (int i = 0; i < smallFiles; i++) {
            file(folder, "file-" + i, "content of " + i);
        }
        try (Stream<Path> found = Files.list(folder)) {
            expect(found.count(), (long) smallFiles);
        }
        for (int i = 0; i < smallFiles; i++) {
            expect(Files.readString(folder.resolve("file-" + i)), "content of " + i);
        }
        for (int i = 0; i < smallFiles; i += 2) {
            Files.delete(folder.resolve("file-" + i));
        }
        try (Stream<Path> found = Files.list(folder)) {
            expect(found.count(), (long) smallFiles / 2);
        }
    }
}
