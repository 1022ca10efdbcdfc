/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs in a guest: tries every kind of write in each of the folders given, which hold a file {@code old}, a file {@code other} and an empty
 * folder {@code empty}, and says how each went: {@code ATTEMPT}, folder, kind, {@code WROTE} or the refusal, parted by tabulators.
 */
final class GuestWriteAttempts {
    private interface Attempt {
        void in(Path folder) throws IOException;
    }

    private GuestWriteAttempts() {}

    public static void main(String[] folders) {
        for (String folder : folders) {
            all().forEach((kind, attempt) -> run(Path.of(folder), kind, attempt));
        }
    }

    private static void run(Path folder, String kind, Attempt attempt) {
        String result;
        try {
            attempt.in(folder);
            result = "WROTE";
        } catch (IOException | RuntimeException e) {
            result = e.toString().replace('\n', ' ');
        }
        System.out.println("ATTEMPT\t" + folder + "\t" + kind + "\t" + result);
    }

    /** What takes things away comes last: the earlier attempts need them where nothing is refused. */
    private static Map<String, Attempt> all() {
        Map<String, Attempt> all = new LinkedHashMap<>();
        all.put("create", folder -> Files.createFile(folder.resolve("new")));
        all.put("create folder", folder -> Files.createDirectory(folder.resolve("new folder")));
        all.put("symlink", folder -> Files.createSymbolicLink(folder.resolve("new symlink"), Path.of("old")));
        all.put("hard link", folder -> Files.createLink(folder.resolve("new link"), folder.resolve("old")));
        all.put("overwrite", folder -> write(folder, StandardOpenOption.WRITE));
        all.put("append", folder -> write(folder, StandardOpenOption.APPEND));
        all.put("truncate", folder -> Files.write(folder.resolve("old"), new byte[0]));
        all.put("map", GuestWriteAttempts::map);
        all.put(
                "mode",
                folder -> Files.setPosixFilePermissions(
                        folder.resolve("old"), PosixFilePermissions.fromString("rwxrwxrwx")));
        all.put("owner", folder -> Files.setAttribute(folder.resolve("old"), "unix:uid", 12));
        all.put(
                "owner of a symlink",
                folder -> Files.setAttribute(folder.resolve("link"), "unix:uid", 12, LinkOption.NOFOLLOW_LINKS));
        all.put("times", folder -> Files.setLastModifiedTime(folder.resolve("old"), FileTime.fromMillis(0)));
        all.put(
                "attribute",
                folder -> Files.getFileAttributeView(folder.resolve("old"), UserDefinedFileAttributeView.class)
                        .write("microvm.attempt", ByteBuffer.wrap(new byte[] {1})));
        all.put(
                "rename",
                folder -> Files.move(folder.resolve("old"), folder.resolve("renamed"), StandardCopyOption.ATOMIC_MOVE));
        all.put("delete", folder -> Files.delete(folder.resolve("other")));
        all.put("delete folder", folder -> Files.delete(folder.resolve("empty")));
        return all;
    }

    private static void write(Path folder, StandardOpenOption option) throws IOException {
        Files.writeString(folder.resolve("old"), "changed", option);
    }

    private static void map(Path folder) throws IOException {
        try (FileChannel channel =
                FileChannel.open(folder.resolve("old"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = channel.map(MapMode.READ_WRITE, 0, 1);
            map.put(0, (byte) 'X');
            map.force();
        }
    }
}
