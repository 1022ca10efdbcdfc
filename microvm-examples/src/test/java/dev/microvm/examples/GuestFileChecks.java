/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Runs in a guest: does everything with files that programs do, in each of the folders given, and says how each went, one line for each:
 * {@code RESULT}, folder, check, {@code ok} or what failed, parted by tabulators.
 */
final class GuestFileChecks {
    interface Check {
        void in(Path folder) throws Exception;
    }

    private static final String LOCKS = "keepsOthersFromALockedRange";

    private GuestFileChecks() {}

    /** Arguments: {@code FOLDER=NUMBER OF SMALL FILES}, once for each folder; or {@code --try-locks} and files, for the other process of the lock check. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("--try-locks")) {
            tryLocks(Arrays.asList(arguments).subList(1, arguments.length));
            return;
        }
        List<Path> folders = new ArrayList<>();
        for (String argument : arguments) {
            String[] words = argument.split("=", -1);
            Path folder = Path.of(words[0]);
            Map<String, Check> checks = new LinkedHashMap<>(GuestContentChecks.all(Integer.parseInt(words[1])));
            checks.putAll(GuestNameChecks.all());
            checks.forEach((name, check) -> run(folder, name, check));
            folders.add(folder);
        }
        locks(folders);
    }

    private static void run(Path folder, String name, Check check) {
        long begin = System.nanoTime();
        try {
            Path own = Files.createDirectory(folder.resolve(name));
            check.in(own);
            say(folder, name, "ok");
        } catch (Exception | AssertionError e) {
            say(folder, name, e.toString());
        }
        System.out.println("TIME\t" + folder + "\t" + name + "\t" + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }

    private static void say(Path folder, String name, String result) {
        System.out.println("RESULT\t" + folder + "\t" + name + "\t" + result.replace('\n', ' '));
    }

    static void expect(Object actual, Object expected) {
        if (!Objects.equals(actual, expected)) {
            throw new AssertionError("expected " + expected + ", found " + actual);
        }
    }

    static <T extends Exception> void refused(Class<T> type, Callable<?> action) throws Exception {
        Object done;
        try {
            done = action.call();
        } catch (Exception e) {
            if (type.isInstance(e)) {
                return;
            }
            throw e;
        }
        throw new AssertionError("not refused: " + done);
    }

    static Path file(Path folder, String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    /** One other process for all folders: a JVM takes seconds to start where QEMU translates instructions. */
    private static void locks(List<Path> folders) throws Exception {
        List<FileChannel> held = new ArrayList<>();
        List<String> files = new ArrayList<>();
        for (Path folder : folders) {
            Path file = file(Files.createDirectory(folder.resolve(LOCKS)), "file", "0123456789");
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            held.add(channel);
            files.add(file.toString());
            channel.lock(0, 5, false);
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                GuestFileChecks.class.getName(),
                "--try-locks"));
        command.addAll(files);
        Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        for (int i = 0; i < folders.size(); i++) {
            String found = i < lines.size() ? lines.get(i) : String.join(" ", lines);
            say(folders.get(i), LOCKS, found.equals("held free") ? "ok" : found);
        }
        for (FileChannel channel : held) {
            channel.close();
        }
    }

    /** For each file: whether the range that is locked can be had, and whether the one beside it can. */
    private static void tryLocks(List<String> files) throws IOException {
        for (String file : files) {
            try (FileChannel channel = FileChannel.open(Path.of(file), StandardOpenOption.WRITE)) {
                System.out.println(held(channel, 0) + " " + held(channel, 5));
            }
        }
    }

    private static String held(FileChannel channel, long position) throws IOException {
        try (FileLock lock = channel.tryLock(position, 5, false)) {
            return lock == null ? "held" : "free";
        }
    }
}
