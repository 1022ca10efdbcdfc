/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureModelIT {
    @TempDir
    Path temp;

    /** scripts/qemu-releases.sh puts them there; ./verify exports the variable. */
    private static Path qemu(String release) {
        String cache = System.getenv().getOrDefault("MICROVM_CACHE", "/var/cache/microvm");
        return Path.of(cache, "qemu", release, "qemu-system-x86_64");
    }

    /** From nothing but the names, so that every release is really asked. */
    private Model capture() throws IOException, InterruptedException {
        Model committed = CommittedModel.read();
        List<String> arguments = new ArrayList<>(List.of(temp.toString()));
        for (String release : committed.releases().keySet()) {
            Path qemu = qemu(release);
            assumeTrue(Files.isExecutable(qemu) || Boolean.getBoolean("microvm.it.required"), qemu + " is there");
            arguments.add(qemu.toString());
        }
        for (String file : List.of("names.lock", "names.properties")) {
            Files.copy(CommittedModel.FOLDER.resolve(file), temp.resolve(file));
        }
        CaptureModel.main(arguments.toArray(String[]::new));
        return ModelFile.read(temp.resolve("qmp-model.json"));
    }

    @Test
    void theCommittedModelIsWhatTheReleasesSay() throws Exception {
        Model committed = CommittedModel.read();
        Model captured = capture();

        if (captured.releases().equals(committed.releases())) {
            assertThat(captured).isEqualTo(committed);
        } else {
            // Debian's releases move on; then the model may know less than they do, but nothing else
            System.out.println("other versions than those of the model: " + differences(committed, captured));
            assertThat(captured.commands().keySet())
                    .containsAll(committed.commands().keySet());
            assertThat(captured.events().keySet())
                    .containsAll(committed.events().keySet());
            assertThat(captured.types().keySet()).containsAll(committed.types().keySet());
        }
    }

    private static Map<String, String> differences(Model committed, Model captured) {
        Map<String, String> differences = new java.util.TreeMap<>(captured.releases());
        differences.entrySet().removeAll(committed.releases().entrySet());
        return differences;
    }
}
