/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The Nix programs of this machine on a private store, as this user or (for root) as user 65534. Without Nix a test is skipped, or fails
 * where {@code microvm.it.required} is set.
 */
final class RealNix implements AutoCloseable {
    static final int NOBODY = 65534;

    private final Path folder;
    private final List<String> prefix;
    private final NixStore store;
    private final Map<String, String> environment;

    private RealNix(Path folder, List<String> prefix, Map<String, String> environment) {
        this.folder = folder;
        this.prefix = prefix;
        this.store = NixStore.privateStore(folder.resolve("store"));
        this.environment = environment;
    }

    static RealNix asCaller() throws IOException {
        require(NixPrograms.find(System.getenv()).isPresent(), "nix-store is not installed");
        Path folder = Files.createTempDirectory("microvm-nix-it");
        Files.createDirectory(folder.resolve("store"));
        return new RealNix(folder, List.of(), System.getenv());
    }

    /** Programs of the same names run the real ones under the other user. */
    static RealNix asNobody() throws IOException {
        require(NixPrograms.find(System.getenv()).isPresent(), "nix-store is not installed");
        require(isRoot(), "only root can become user " + NOBODY);
        Path folder = Files.createTempDirectory("microvm-nix-it");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path mine = Files.createDirectory(folder.resolve("store"));
        Files.setAttribute(mine, "unix:uid", NOBODY);
        Files.setAttribute(mine, "unix:gid", NOBODY);
        Path bin = Files.createDirectory(folder.resolve("bin"));
        NixPrograms real = NixPrograms.require(System.getenv());
        for (String name : List.of("nix-store", "nix-instantiate", "nix-build")) {
            Path wrapper = bin.resolve(name);
            Files.writeString(
                    wrapper,
                    "#!/bin/sh\nexec " + String.join(" ", becomeNobody()) + " " + real.sibling(name) + " \"$@\"\n");
            Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(NixPrograms.OVERRIDE, bin.resolve("nix-store").toString());
        return new RealNix(folder, becomeNobody(), environment);
    }

    static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    /** A build in a private store needs mount namespaces, which a container may forbid. */
    boolean canBuild() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("unshare", "--map-root-user", "--mount", "true"));
        return new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    static List<String> becomeNobody() {
        return List.of("setpriv", "--reuid", "" + NOBODY, "--regid", "" + NOBODY, "--clear-groups");
    }

    static void require(boolean met, String otherwise) {
        if (!met && Boolean.getBoolean("microvm.it.required")) {
            fail(otherwise);
        }
        assumeTrue(met, otherwise);
    }

    NixStore store() {
        return store;
    }

    Path folder() {
        return folder;
    }

    NixCommands nix() {
        return store.nix().withEnvironment(environment);
    }

    /** Starts one of Nix' programs with pipes for its standard streams. */
    Process start(String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What {@code nix-store --dump-db} prints. */
    Path dumpedByNix() throws IOException, InterruptedException {
        Path file = folder.resolve("nix.dump");
        Process process = new ProcessBuilder(command("--dump-db"))
                .redirectOutput(file.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor()).isZero();
        return file;
    }

    private List<String> command(String... arguments) {
        List<String> whole = new ArrayList<>(prefix);
        List<String> plain = new ArrayList<>(
                List.of(NixPrograms.require(System.getenv()).nixStore().toString()));
        plain.addAll(List.of(arguments));
        whole.addAll(NixEnvironment.apply(store, environment, plain));
        return whole;
    }

    /** Nix takes write permission from everything in a store. */
    @Override
    public void close() throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
