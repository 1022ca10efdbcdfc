/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.schema.GeneratedTypes;
import dev.microvm.qmp.schema.ModelSchema;
import dev.microvm.qmp.schema.RandomTyped;
import dev.microvm.qmp.schema.RandomTyped.Novelty;
import dev.microvm.qmp.schema.ReplyCheck;
import dev.microvm.qmp.schema.Schema;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Each try makes up one reply to every command, and one of every event, as a release may send them. */
class RepliesPropertyTest {

    @Provide
    Arbitrary<String> releases() {
        return Arbitraries.of(ModelSchema.releases().keySet());
    }

    private static void assertKeepsAll(
            Schema schema, String what, String type, JsonValue reply, Function<QmpReader, ?> reader) {
        Object read = reader.apply(QmpReader.of(JsonValue.parse(reply.toString())));
        assertThat(ReplyCheck.compare(schema, type, reply, read))
                .as(() -> what + ": " + reply)
                .isEqualTo(new ReplyCheck.Outcome(List.of(), List.of()));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void keepsAllThatACommandReturns(@ForAll("releases") String release, @ForAll long seed) {
        Schema schema = ModelSchema.of(release);
        RandomTyped random = new RandomTyped(schema, new Random(seed), Novelty.NONE);
        schema.commands().keySet().forEach(wire -> {
            String type = schema.commands().get(wire).result();
            Function<QmpReader, ?> reader = random.command(wire)::read;
            assertKeepsAll(schema, wire, type, random.json(type), reader);
        });
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void keepsAllThatAnEventTells(@ForAll("releases") String release, @ForAll long seed) {
        Schema schema = ModelSchema.of(release);
        RandomTyped random = new RandomTyped(schema, new Random(seed), Novelty.NONE);
        schema.events()
                .forEach((wire, type) -> assertKeepsAll(
                        schema,
                        wire,
                        type,
                        random.json(type),
                        GeneratedTypes.event(wire).reader()));
    }
}
