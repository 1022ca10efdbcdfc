/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.jspecify.annotations.Nullable;

class LifelineArgumentsTest {
    private @Nullable Lifeline lifeline;
    private int count;

    @BeforeProperty
    void start() throws IOException, InterruptedException {
        lifeline = Lifeline.start(LifelineOptions.of(
                "arguments", Files.createTempDirectory("microvm").resolve("state")));
    }

    @AfterProperty
    void close() throws IOException {
        if (lifeline != null) {
            Path parent = lifeline.stateFolder().getParent();
            lifeline.close();
            Files.delete(parent);
        }
    }

    @Property(tries = 60)
    void passesArgumentsAndVariablesAsTheyAre(
            @ForAll @Size(max = 5) List<@From("arguments") String> arguments, @ForAll("arguments") String value)
            throws Exception {
        Lifeline running = Objects.requireNonNull(lifeline);
        List<String> command = new ArrayList<>(List.of("sh", "-c", "printf '%s\\0' \"$VALUE\" \"$@\"", "sh"));
        command.addAll(arguments);
        String name = "p" + count++;
        LifelineTest.exitOf(running.spawn(new SpawnRequest(name, command, Map.of("VALUE", value), Optional.empty())));

        assertThat(Files.readString(running.stateFolder().resolve(name + ".stdout")))
                .isEqualTo(value + "\0"
                        + arguments.stream().map(argument -> argument + "\0").collect(Collectors.joining()));
    }

    @Provide
    Arbitrary<String> arguments() {
        return Arguments.any();
    }
}
