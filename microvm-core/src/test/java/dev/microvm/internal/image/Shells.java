/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The real shells of this host. */
public final class Shells {
    private Shells() {}

    /** {@return each shell as the beginning of a command; sh is always there} */
    public static List<List<String>> all() {
        List<List<String>> shells = new ArrayList<>();
        shells.add(List.of("/bin/sh"));
        for (String shell : List.of("/bin/dash", "/bin/bash")) {
            if (Files.isExecutable(Path.of(shell))) {
                shells.add(List.of(shell));
            }
        }
        for (String busybox : List.of("/usr/bin/busybox", "/bin/busybox")) {
            if (Files.isExecutable(Path.of(busybox))) {
                shells.add(List.of(busybox, "sh"));
                break;
            }
        }
        return shells;
    }

    /** {@return the output of a script given as the shell's argument} */
    public static String run(List<String> shell, String script, String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(shell);
        command.addAll(List.of("-c", script, "sh"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var unused = CompletableFuture.runAsync(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It has ended without reading all; its output tells the rest.
            }
        });
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
