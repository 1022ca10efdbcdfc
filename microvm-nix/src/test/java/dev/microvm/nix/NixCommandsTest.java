/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmTimeoutException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What surrounds a Nix program, with a script in its place; the real one is in {@link NixStoreIT}. */
class NixCommandsTest {
    private static final String A = DumpRecord.samplePath('a', "one");

    @TempDir
    Path folder;

    @Test
    void aPrivateStoreGetsAnEnvironmentOfItsOwn() throws Exception {
        NixStore store = NixStore.privateStore(folder.resolve("a b&c"));
        List<String> seen = new CopyOnWriteArrayList<>();
        NixCommands nix = commands(store, "env >&2; echo " + A, Map.of("NIX_STORE_DIR", "/elsewhere", "NIX_PATH", "x"))
                .withProgress(seen::add);
        assertThat(nix.references(A)).containsExactly(A);
        assertThat(seen)
                .contains("NIX_REMOTE=local?root=" + folder + "/a%20b%26c", "HOME=/nonexistent", "substituters =")
                .noneMatch(line ->
                        line.startsWith("NIX_STORE_DIR") || line.startsWith("NIX_PATH") || line.startsWith("LANG"));
    }

    @Test
    void theHostsStoreIsNotLedElsewhereByTheCallersEnvironment() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        Map<String, String> callers =
                Map.of("NIX_STORE_DIR", "/elsewhere", "NIX_REMOTE", "local?root=/x", "NIX_PATH", "x");
        commands(NixStore.host(), "env >&2", callers).withProgress(seen::add).references(A);
        assertThat(seen).contains("NIX_REMOTE=auto", "NIX_PATH=x").noneMatch(line -> line.startsWith("NIX_STORE_DIR"));
    }

    @Test
    void aFailureCarriesTheProgramsOwnWords() throws Exception {
        NixCommands nix = commands(NixStore.privateStore(folder), "echo 'error: no such thing' >&2; exit 3", Map.of());
        assertThatThrownBy(() -> nix.requisites(A))
                .isInstanceOfSatisfying(NixException.class, e -> {
                    assertThat(e.exitCode()).hasValue(3);
                    assertThat(e.command()).endsWith("--query", "--requisites", A);
                    assertThat(e.stderrTail()).containsExactly("error: no such thing");
                })
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("| error: no such thing");
    }

    @Test
    void aProgramThatHangsIsEndedAtTheLimit() throws Exception {
        NixCommands nix = commands(NixStore.privateStore(folder), "exec sleep 1000", Map.of())
                .withLimit(Duration.ofMillis(200));
        assertThatThrownBy(() -> nix.isValid(A))
                .isInstanceOf(VmTimeoutException.class)
                .hasMessageContaining("longer than 200 ms");
        assertNoChildren();
    }

    @Test
    void anInterruptEndsTheProgram() throws Exception {
        NixCommands nix = commands(NixStore.privateStore(folder), "exec sleep 1000", Map.of());
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> nix.isValid(A)).isInstanceOf(VmCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertNoChildren();
    }

    @Test
    void aMissingProgramIsNamedWithItsCure() {
        NixCommands nix = NixStore.privateStore(folder)
                .nix()
                .withEnvironment(
                        Map.of(NixPrograms.OVERRIDE, folder.resolve("none").toString()));
        assertThatThrownBy(() -> nix.isValid(A))
                .isInstanceOf(NixException.class)
                .hasMessageContaining("apt install nix-bin")
                .hasMessageContaining("MICROVM_NIX_STORE");
    }

    @Test
    void theProgramOnThePathIsFound() throws Exception {
        program(folder.resolve("nix-store"), "echo " + A);
        NixCommands nix = NixStore.privateStore(folder)
                .nix()
                .withEnvironment(Map.of("PATH", "relative:" + folder + ":" + System.getenv("PATH")));
        assertThat(nix.references(A)).containsExactly(A);
    }

    private NixCommands commands(NixStore store, String script, Map<String, String> callers) throws IOException {
        Path program = folder.resolve("nix-store");
        program(program, script);
        Map<String, String> environment = new HashMap<>(callers);
        environment.put(NixPrograms.OVERRIDE, program.toString());
        environment.put("PATH", System.getenv("PATH"));
        return store.nix().withEnvironment(environment);
    }

    private static void program(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A program killed while it was being started ends a moment later. */
    private static void assertNoChildren() throws Exception {
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
            child.onExit().get(10, TimeUnit.SECONDS);
        }
    }
}
