/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static dev.microvm.examples.GuestFileChecks.expect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What each of the {@link GuestFileChecks} leaves, looked at on the host: in the guest a check may have been answered by the guest's own
 * caches.
 */
final class GuestFileTraces {
    private static final String FIRST = "first\n";
    private static final String SECOND = "second, longer\n";

    private GuestFileTraces() {}

    /** {@return for each check what is to be found in its folder} */
    static Map<String, GuestFileChecks.Check> all(int smallFiles) {
        Map<String, GuestFileChecks.Check> all = new LinkedHashMap<>();
        contents(all, smallFiles);
        names(all);
        return all;
    }

    private static void contents(Map<String, GuestFileChecks.Check> all, int smallFiles) {
        all.put("readsBackWhatItWrote", folder -> {
            byte[] bytes = Files.readAllBytes(folder.resolve("file"));
            expect(bytes.length, 300_001);
            expect(
                    List.of(bytes[149_999], bytes[150_000], bytes[150_002], bytes[300_000]),
                    List.of(written(149_999), (byte) 7, (byte) 9, written(300_000)));
        });
        all.put("appends", folder -> holds(folder.resolve("file"), FIRST + SECOND));
        all.put("appendsFromTwoWritersWithoutLoss", folder -> expect(Files.size(folder.resolve("file")), 1600L));
        all.put("truncatesAndExtends", folder -> {
            holds(folder.resolve("extended"), "0123\0\0x");
            holds(folder.resolve("emptied"), "");
        });
        all.put("mapsPrivately", folder -> holds(folder.resolve("file"), FIRST));
        all.put("mapsSharedForReading", folder -> holds(folder.resolve("file"), FIRST));
        all.put("mapsSharedForWriting", folder -> {
            String text = Files.readString(folder.resolve("file"));
            expect(text, "a" + "\0".repeat(9_998) + "z");
        });
        all.put("keepsUserAttributes", folder -> {
            var view = Files.getFileAttributeView(folder.resolve("file"), UserDefinedFileAttributeView.class);
            ByteBuffer value = ByteBuffer.allocate(10);
            expect(view.read("microvm.kept", value), 3);
            expect(value.flip(), ByteBuffer.wrap(new byte[] {4, 5, 6}));
        });
        all.put("keepsModes", folder -> {
            for (String mode : GuestContentChecks.MODES) {
                expect(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(mode))), mode);
            }
        });
        all.put(
                "keepsTimes",
                folder -> expect(Files.getLastModifiedTime(folder.resolve("file")), GuestContentChecks.PAST));
        all.put("syncsFilesAndFolders", folder -> holds(folder.resolve("file"), FIRST));
        all.put("holdsManySmallFiles", folder -> {
            expect(
                    names(folder),
                    IntStream.range(0, smallFiles / 2)
                            .mapToObj(i -> "file-" + (2 * i + 1))
                            .sorted()
                            .toList());
            for (int i = 1; i < smallFiles; i += 2) {
                holds(folder.resolve("file-" + i), "content of " + i);
            }
        });
        all.put("keepsOthersFromALockedRange", folder -> holds(folder.resolve("file"), "0123456789"));
    }

    private static byte written(int at) {
        return (byte) (at * 31 >> 3);
    }

    private static void names(Map<String, GuestFileChecks.Check> all) {
        all.put("renames", folder -> {
            expect(names(folder), List.of("new", "renamed"));
            holds(folder.resolve("new"), FIRST);
            holds(folder.resolve("renamed/inner/file"), SECOND);
        });
        all.put("renamesOverAnExistingFile", folder -> {
            expect(names(folder), List.of("target"));
            holds(folder.resolve("target"), SECOND);
        });
        all.put("keepsTheSizeOfAReplacedFileThatIsOpen", folder -> expect(names(folder), List.of("target")));
        all.put("renamesAcrossFolders", folder -> {
            expect(names(folder.resolve("from")), List.of());
            holds(folder.resolve("to/file"), FIRST);
        });
        all.put("refusesToRenameOverAFullFolder", folder -> {
            expect(names(folder), List.of("empty", "full"));
            holds(folder.resolve("full/file"), FIRST);
        });
        all.put("makesSymlinks", folder -> {
            expect(names(folder), List.of("absolute", "dangling", "file"));
            expect(Files.readSymbolicLink(folder.resolve("dangling")), Path.of("nowhere/at all"));
            expect(Files.readSymbolicLink(folder.resolve("absolute")).getFileName(), Path.of("file"));
        });
        all.put("makesHardLinks", folder -> {
            expect(names(folder), List.of("link", "other"));
            holds(folder.resolve("link"), FIRST + SECOND);
            expect(Files.isSameFile(folder.resolve("link"), folder.resolve("other")), true);
        });
        all.put("keepsUnicodeNames", folder -> {
            expect(names(folder), GuestNameChecks.NAMES.stream().sorted().toList());
            for (String name : GuestNameChecks.NAMES) {
                holds(folder.resolve(name), name);
            }
        });
        all.put("takesNamesOf255BytesAndNoMore", folder -> {
            expect(names(folder), List.of("d".repeat(200), "n".repeat(255)));
            Path deep = folder;
            for (int i = 0; i < 12; i++) {
                deep = deep.resolve("d".repeat(200));
            }
            holds(deep.resolve("file"), SECOND);
        });
        all.put("createsExclusivelyOnce", folder -> holds(folder.resolve("file"), ""));
        all.put("readsADeletedFileThatIsOpen", folder -> expect(names(folder), List.of()));
        all.put("truncatesADeletedFileThatIsOpen", folder -> expect(names(folder), List.of()));
        all.put("refusesToDeleteAFullFolder", folder -> expect(names(folder), List.of()));
        all.put(
                "bindsUnixSockets",
                folder -> expect(
                        Files.readAttributes(folder.resolve("s"), "isOther", LinkOption.NOFOLLOW_LINKS),
                        Map.of("isOther", true)));
    }

    private static void holds(Path file, String content) throws IOException {
        expect(Files.readString(file), content);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
