/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.QmpWriter;
import dev.microvm.qmp.schema.GeneratedTypes;
import dev.microvm.qmp.schema.ModelSchema;
import dev.microvm.qmp.schema.RandomTyped;
import dev.microvm.qmp.schema.RandomTyped.Novelty;
import dev.microvm.qmp.schema.Schema;
import dev.microvm.qmp.schema.SchemaCheck;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Each try makes one random value of every command. */
class ArgumentsPropertyTest {
    private static final Schema ALL = ModelSchema.ofAll();

    @Provide
    Arbitrary<String> releases() {
        return Arbitraries.of(ModelSchema.releases().keySet());
    }

    private static JsonValue.Obj written(QmpCommand<?> command) {
        return QmpWriter.object(command::writeMembers);
    }

    private static void assertReadsBack(QmpCommand<?> command) {
        JsonValue.Obj arguments = written(command);
        QmpCommand<?> again = arguments.members().isEmpty()
                        && command.getClass().getRecordComponents().length == 0
                ? GeneratedTypes.commandWithoutArguments(command.name())
                : GeneratedTypes.readArguments(command.getClass(), QmpReader.of(JsonValue.parse(arguments.toString())));
        assertThat(again).isEqualTo(command);
        assertThat(written(again)).isEqualTo(arguments);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void writesWhatTheReleaseTakesAndReadsItBack(@ForAll("releases") String release, @ForAll long seed) {
        Schema schema = ModelSchema.of(release);
        RandomTyped random = new RandomTyped(schema, new Random(seed), Novelty.NONE);
        schema.commands().keySet().forEach(wire -> {
            QmpCommand<?> command = random.command(wire);
            assertThat(SchemaCheck.problems(schema, command))
                    .as(() -> wire + " of " + release)
                    .isEmpty();
            assertReadsBack(command);
        });
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void readsBackWhatNoReleaseHas(@ForAll long seed) {
        RandomTyped random = new RandomTyped(ALL, new Random(seed), Novelty.SOME);
        ALL.commands().keySet().forEach(wire -> assertReadsBack(random.command(wire)));
    }
}
