/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Conditions that come about within seconds, looked at every 5 ms. */
final class Eventually {
    private Eventually() {}

    /** {@return how long it took} */
    static Duration is(String what, BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).as(what).isLessThan(Duration.ofSeconds(20));
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    static boolean alive(long pid) {
        return ProcStat.of(pid).filter(ProcStat::alive).isPresent();
    }

    static Duration dead(long... pids) {
        return is(
                "all dead: " + java.util.Arrays.toString(pids),
                () -> java.util.Arrays.stream(pids).noneMatch(Eventually::alive));
    }

    static Duration gone(Path file) {
        return is(file + " gone", () -> !Files.exists(file));
    }

    static void noThreadNamed(String prefix) {
        is("no thread " + prefix, () -> threads(prefix).isEmpty());
    }

    static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    static int openDescriptors() {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return (int) entries.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** {@return the process with exactly these arguments} */
    static long pidOf(String... command) {
        String wanted = String.join("\0", command) + "\0";
        long[] found = new long[1];
        is("a process " + List.of(command), () -> {
            found[0] = ProcessHandle.allProcesses()
                    .mapToLong(ProcessHandle::pid)
                    .filter(pid -> commandLine(pid).equals(wanted))
                    .findFirst()
                    .orElse(0);
            return found[0] != 0;
        });
        return found[0];
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
