/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.codegen.merge.ModelSchema;
import dev.microvm.codegen.merge.SchemaMerge;
import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.model.ModelFile;
import dev.microvm.codegen.schema.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommittedModelTest {
    @TempDir
    Path temp;

    private final Model model = CommittedModel.read();

    @Test
    void knowsEveryCommandAndEventOfThreeReleases() {
        assertThat(model.releases()).containsOnlyKeys("7.2", "10.0", "11.1");
        assertThat(model.commands()).hasSize(246);
        assertThat(model.events()).hasSize(59);
    }

    @Test
    void isWrittenAsItWasRead() throws IOException {
        Path file = temp.resolve("model.json");
        ModelFile.write(model, file);

        assertThat(file).hasSameTextualContentAs(CommittedModel.FOLDER.resolve("qmp-model.json"));
        assertThat(ModelFile.read(file)).isEqualTo(model);
    }

    /** So a release of which no QEMU is at hand any more loses nothing when another one is added. */
    @Test
    void isTheMergeOfItsOwnReleases() {
        List<Schema> releases = model.releases().keySet().stream()
                .map(release -> ModelSchema.of(model, release))
                .toList();
        SchemaMerge merge =
                new SchemaMerge(releases, CommittedModel.names("names.lock"), CommittedModel.names("names.properties"));

        assertThat(merge.model(model.releases())).isEqualTo(model);
    }

    @Test
    void locksTheNameOfEveryType() {
        assertThat(new TreeSet<>(CommittedModel.names("names.lock").values()))
                .isEqualTo(new TreeSet<>(model.types().keySet()));
    }

    @Test
    void usesEveryChosenName() {
        Map<String, String> chosen = CommittedModel.names("names.properties");

        assertThat(model.types().keySet()).containsAll(chosen.values());
    }

    @Test
    void holdsNothingButNamesTypesAndReleases() throws IOException {
        String text = Files.readString(CommittedModel.FOLDER.resolve("qmp-model.json"));

        assertThat(text.lines())
                .allSatisfy(
                        line -> assertThat(line.strip())
                                .as("no prose: words are separated by at most one blank within a member's short text")
                                .matches(
                                        "[\\]\\[{}]+,?|\"[\\w.-]+\" ?: ?[\\[{].*|\"[\\w.-]+\" ?: ?\"[\\w \\[\\]?.,-]*\",?|\"[\\w\\[\\]]+\",?"));
    }
}
