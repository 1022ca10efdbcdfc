/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.codegen.CommittedModel;
import dev.microvm.codegen.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the sources compile and do what they should is shown by microvm-qmp. */
class SourceTreeTest {
    private static final Model.About ABOUT = new Model.About(List.of("1.0"), false, false);

    @TempDir
    Path temp;

    private static Model model(String... commands) {
        Map<String, Model.Command> all = new java.util.TreeMap<>();
        for (String command : commands) {
            all.put(command, new Model.Command(ABOUT, false, List.of(), Optional.empty(), Optional.empty()));
        }
        return new Model(Map.of("1.0", "1.0.0"), all, Map.of(), Map.of());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(temp)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void isTheSameEveryTime() {
        assertThat(SourceTree.of(CommittedModel.read())).isEqualTo(SourceTree.of(CommittedModel.read()));
    }

    @Test
    void hasAFileForEachCommandEventAndType() {
        Model model = CommittedModel.read();

        assertThat(SourceTree.of(model))
                .hasSize(model.commands().size()
                        + model.events().size()
                        + model.types().size()
                        + 2)
                .containsKeys(
                        "dev/microvm/qmp/command/QueryStatus.java",
                        "dev/microvm/qmp/ReleaseFacts.java",
                        "dev/microvm/qmp/command/QmpCommands.java",
                        "dev/microvm/qmp/event/ShutdownEvent.java",
                        "dev/microvm/qmp/model/RunState.java");
    }

    @Test
    void removesWhatTheModelNoLongerHas() throws IOException {
        SourceTree.write(model("quit", "stop"), temp);
        SourceTree.write(model("quit"), temp);

        assertThat(files()).contains("QmpCommands.java", "Quit.java").doesNotContain("Stop.java");
    }

    @Test
    void leavesFilesAloneThatWouldNotChange() throws IOException {
        SourceTree.write(model("quit"), temp);
        Path quit = temp.resolve("dev/microvm/qmp/command/Quit.java");
        FileTime old = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(quit, old);

        SourceTree.write(model("quit", "stop"), temp);

        assertThat(Files.getLastModifiedTime(quit)).isEqualTo(old);
    }

    @Test
    void saysInJavadocWhereAThingIsAndWhatQemuCallsIt() {
        Model model = new Model(
                Map.of("1.0", "1.0.0"),
                Map.of(
                        "x-c",
                        new Model.Command(
                                new Model.About(List.of(), true, true),
                                true,
                                List.of(),
                                Optional.empty(),
                                Optional.empty())),
                Map.of(),
                Map.of());
        Model.Command command = new Model.Command(
                new Model.About(List.of("0.9"), true, true), true, List.of(), Optional.empty(), Optional.empty());

        String source = new CommandSources(model).command("x-c", command);

        assertThat(source)
                .contains(
                        "The command {@code x-c}. Only in QEMU 0.9. QEMU 0.9 calls it deprecated. QEMU calls it unstable.")
                .contains("@Deprecated")
                .contains("@QmpUnstable")
                .contains("implements QmpOobCommand<QmpEmpty>");
    }
}
