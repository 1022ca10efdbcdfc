/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpData;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.QmpWriter;
import dev.microvm.qmp.command.ObjectAdd;
import dev.microvm.qmp.command.SetPassword;
import dev.microvm.qmp.schema.GeneratedTypes;
import dev.microvm.qmp.schema.ModelSchema;
import dev.microvm.qmp.schema.RandomTyped;
import dev.microvm.qmp.schema.RandomTyped.Novelty;
import dev.microvm.qmp.schema.ReplyCheck;
import dev.microvm.qmp.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** What holds for values of all types of which arguments are made, and for the commands: each try makes one of each. */
class ValuesPropertyTest {
    private static final Schema ALL = ModelSchema.ofAll();
    private static final Set<Class<?>> TYPES =
            GeneratedTypes.ofArguments(ALL.commands().keySet());

    private static RandomTyped random(long seed) {
        return new RandomTyped(ALL, new Random(seed), Novelty.SOME);
    }

    private static Object copy(Class<?> type, Object value) {
        String json = ReplyCheck.written(value).toString();
        try {
            return GeneratedTypes.read(type, QmpReader.of(JsonValue.parse(json)));
        } catch (QmpProtocolException e) {
            throw new AssertionError(type + " does not read what it wrote: " + json, e);
        }
    }

    private static List<Object> oneOfEach(RandomTyped random) {
        List<Object> values = new ArrayList<>();
        TYPES.forEach(type -> values.addAll(random.values(type)));
        ALL.commands().keySet().forEach(wire -> values.add(random.command(wire)));
        return values;
    }

    @Property(tries = 5, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void readsBackAValueOfEachType(@ForAll long seed) {
        RandomTyped random = random(seed);
        for (Class<?> type : TYPES) {
            for (Object value : random.values(type)) {
                Object copy = copy(type, value);
                assertThat(copy).isEqualTo(value).hasSameHashCodeAs(value).hasToString(value.toString());
                assertThat(value).isEqualTo(copy);
                assertThat(ReplyCheck.written(copy)).isEqualTo(ReplyCheck.written(value));
            }
        }
    }

    @Property(tries = 5, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void takesForEqualWhatIsTheSameOnTheWire(@ForAll long seed, @ForAll long otherSeed) {
        List<Object> values = oneOfEach(random(seed));
        List<Object> others = oneOfEach(random(otherSeed));
        List<Object> again = oneOfEach(random(seed));
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            Object other = others.get(i);
            boolean same = value.getClass() == other.getClass()
                    && ReplyCheck.written(value).equals(ReplyCheck.written(other));
            assertThat(value).isEqualTo(value).isEqualTo(again.get(i)).hasSameHashCodeAs(again.get(i));
            assertThat(value).isNotEqualTo(null).isNotEqualTo("a text");
            assertThat(value.equals(other)).as(() -> value + " and " + other).isEqualTo(same);
            assertThat(other.equals(value)).as(() -> other + " and " + value).isEqualTo(same);
        }
    }

    @Property(tries = 5, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void showsNoSecret(@ForAll long seed) {
        for (Object value : oneOfEach(random(seed))) {
            assertThat(value.toString()).doesNotContain(RandomTyped.SECRET);
        }
    }

    /** That the property above looks at values that have secrets. */
    @Example
    void hasSecretsToHide() {
        Set<String> written = new TreeSet<>();
        for (long seed = 0; seed < 3; seed++) {
            RandomTyped random = random(seed);
            for (Object value : oneOfEach(random)) {
                String json = ReplyCheck.written(value).toString();
                if (json.contains(RandomTyped.SECRET)) {
                    written.add(
                            value instanceof QmpCommand<?> command
                                    ? command.name()
                                    : value.getClass().getSimpleName());
                }
            }
        }
        assertThat(written)
                .contains(
                        "set_password",
                        "device_add",
                        "blockdev-add",
                        "ringbuf-write",
                        "human-monitor-command",
                        "Secret",
                        "Http");
    }

    /** What a newer QEMU may send in the place of what is known now; a record's own text showed it. */
    @Example
    void showsNoSecretOfAnAlternate() {
        assertThat(new BlockdevRef.Unknown(JsonValue.parse("[{\"password\":\"hush\"}]")))
                .hasToString("Unknown([{\"password\":\"***\"}])");
        assertThat(BlockdevRef.of("disk")).hasToString("OfText(\"disk\")").isEqualTo(BlockdevRef.of("disk"));
    }

    /** Which cannot be sent, and was not even to be compared. */
    @Example
    void comparesAndShowsWhatJsonHasNoNumberFor() {
        CompressionStats none = new CompressionStats(1, 2, Double.NaN, 3, 0.5);
        assertThat(none)
                .isEqualTo(new CompressionStats(1, 2, Double.NaN, 3, 0.5))
                .hasSameHashCodeAs(new CompressionStats(1, 2, Double.NaN, 3, 0.5))
                .isNotEqualTo(new CompressionStats(1, 2, Double.POSITIVE_INFINITY, 3, 0.5));
        assertThat(none.toString()).contains("\"busy-rate\":\"NaN\"");
        assertThatIllegalArgumentException().isThrownBy(() -> QmpWriter.object(none::writeMembers));
    }

    @Example
    void refusesABranchThatSaysMoreThanItWrites() {
        JsonValue.Obj members = (JsonValue.Obj) JsonValue.parse("{\"type\":\"warp\"}");
        assertThat(new KeyValue.Unknown(KeyValueKind.of("warp"), members).members())
                .isEqualTo(members);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyValue.Unknown(KeyValueKind.of("warp"), JsonValue.Obj.EMPTY))
                .withMessageContaining("'type'");
    }

    @Example
    void namesTheClassOfWhatItShows() {
        ObjectAdd secret = ObjectAdd.of(
                ObjectOptions.Secret.builder().id("s").data("hush").file("f").build());
        assertThat(secret)
                .hasToString("ObjectAdd{\"qom-type\":\"secret\",\"id\":\"s\",\"data\":\"***\",\"file\":\"f\"}");
        assertThat((QmpData) secret.options())
                .hasToString("Secret{\"qom-type\":\"secret\",\"id\":\"s\",\"data\":\"***\",\"file\":\"f\"}");
        assertThat(SetPassword.readArguments(QmpReader.of(
                                JsonValue.parse("{\"protocol\":\"x\",\"password\":\"hush\",\"n\":[\"hush\"]}")))
                        .toString())
                .isEqualTo("SetPassword{\"protocol\":\"x\",\"password\":\"***\",\"n\":[\"hush\"]}");
    }
}
