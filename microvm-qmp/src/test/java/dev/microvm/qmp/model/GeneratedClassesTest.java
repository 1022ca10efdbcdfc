/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.command.QmpCommands;
import dev.microvm.qmp.schema.GeneratedTypes;
import dev.microvm.qmp.schema.ModelSchema;
import dev.microvm.qmp.schema.Schema;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the model names was generated, all of it. */
class GeneratedClassesTest {
    private final Schema model = ModelSchema.ofAll();

    @Test
    void hasAClassForEachOfThe246Commands() throws ReflectiveOperationException {
        assertThat(model.commands()).hasSize(246);
        for (String wire : model.commands().keySet()) {
            Class<?> command = GeneratedTypes.command(wire);
            assertThat(command.isRecord() && QmpCommand.class.isAssignableFrom(command))
                    .as("%s is a command", command)
                    .isTrue();
            assertThat(command.getField("NAME").get(null)).isEqualTo(wire);
        }
    }

    @Test
    void hasAMethodForEachCommand() {
        Set<String> methods = Arrays.stream(QmpCommands.class.getDeclaredMethods())
                .map(Method::getName)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertThat(methods)
                .containsAll(model.commands().keySet().stream()
                        .map(wire -> wire.replaceAll("[-_]", "").toLowerCase(Locale.ROOT))
                        .toList());
    }

    @Test
    void hasAClassForEachOfThe59Events() {
        assertThat(model.events()).hasSize(59);
        for (String wire : model.events().keySet()) {
            assertThat(GeneratedTypes.event(wire).name()).isEqualTo(wire);
        }
    }

    @Test
    void hasAClassForEachTypeOfArguments() throws ReflectiveOperationException {
        Set<Class<?>> types = GeneratedTypes.ofArguments(model.commands().keySet());
        assertThat(types).hasSizeGreaterThanOrEqualTo(193);
        for (Class<?> type : types) {
            assertThat(model.types()).containsKey(type.getSimpleName());
            assertThat(type.getMethod("read", QmpReader.class)).isNotNull();
        }
    }
}
