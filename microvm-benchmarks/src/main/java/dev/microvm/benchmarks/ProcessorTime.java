/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The processor time of a process, as the kernel's scheduler counts it: to the microsecond, where {@code getrusage} counts by ticks. */
final class ProcessorTime {
    private ProcessorTime() {}

    /** {@return nanoseconds of all threads that live; what an ended thread has used is forgotten} */
    static long nanos(long pid) throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                sum += ofThread(thread);
            }
        }
        return sum;
    }

    private static long ofThread(Path thread) {
        try {
            String numbers = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(numbers.substring(0, numbers.indexOf(' ')));
        } catch (NoSuchFileException e) {
            return 0; // it has ended meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
