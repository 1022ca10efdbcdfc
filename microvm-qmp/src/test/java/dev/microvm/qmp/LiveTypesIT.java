/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.command.QueryQmpSchema;
import dev.microvm.qmp.schema.GeneratedTypes;
import dev.microvm.qmp.schema.LiveSchema;
import dev.microvm.qmp.schema.ModelSchema;
import dev.microvm.qmp.schema.RandomTyped;
import dev.microvm.qmp.schema.RandomTyped.Novelty;
import dev.microvm.qmp.schema.ReplyCheck;
import dev.microvm.qmp.schema.Schema;
import dev.microvm.qmp.schema.SchemaCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The generated types against the schema that each release tells of itself. */
class LiveTypesIT {
    private static final int VALUES_OF_EACH = 25;
    private static final Schema MODEL = ModelSchema.ofAll();

    @TempDir
    Path folder;

    /** What the types of a command or event get wrong, by its name. */
    private final Map<String, String> wrong = new TreeMap<>();

    /** What the model does not have, of a newer QEMU: commands, events and members of replies. */
    private final Set<String> unknown = new TreeSet<>();

    private interface Trial {
        /** Returns what is wrong with random values, or nothing. */
        List<String> problems(RandomTyped random);
    }

    private void tryOut(String name, Schema live, Trial trial) {
        for (int i = 0; i < VALUES_OF_EACH; i++) {
            long seed = new Random().nextLong();
            try {
                RandomTyped random = new RandomTyped(live, new Random(seed), Novelty.NONE);
                trial.problems(random).forEach(problem -> wrong.putIfAbsent(name, problem + " (seed " + seed + ")"));
            } catch (QmpProtocolException | AssertionError e) {
                wrong.putIfAbsent(name, e + " (seed " + seed + ")");
            }
        }
    }

    private List<String> reply(
            Schema live, String type, String known, RandomTyped random, Function<QmpReader, ?> reader) {
        JsonValue reply = random.json(type);
        Object read = reader.apply(QmpReader.of(reply));
        ReplyCheck.Outcome outcome = ReplyCheck.compare(MODEL, known, reply, read);
        outcome.unknown().forEach(place -> unknown.add(known + " " + place));
        return outcome.differences();
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void writesWhatQemuTakesAndReadsWhatItMayReply(QemuRelease release) {
        Schema live;
        boolean ofTheModel;
        try (ReleaseSession session = release.start(folder, QemuRelease.NO_MACHINE)) {
            live = LiveSchema.read(session.client().executeRaw(QueryQmpSchema.NAME));
            ofTheModel = release.isOfTheModel(session.client().greeting().version());
        }
        unknown.addAll(live.commands().keySet());
        unknown.addAll(live.events().keySet());
        unknown.removeAll(MODEL.commands().keySet());
        unknown.removeAll(MODEL.events().keySet());

        live.commands().keySet().stream().filter(MODEL.commands()::containsKey).forEach(name -> {
            tryOut(name, live, random -> SchemaCheck.problems(live, random.command(name)));
            String type = live.commands().get(name).result();
            String known = MODEL.commands().get(name).result();
            tryOut(name, live, random -> reply(live, type, known, random, random.command(name)::read));
        });
        live.events().keySet().stream().filter(MODEL.events()::containsKey).forEach(name -> {
            Function<QmpReader, ?> reader = GeneratedTypes.event(name).reader();
            String type = live.events().get(name);
            String known = MODEL.events().get(name);
            tryOut(name, live, random -> reply(live, type, known, random, reader));
        });

        System.out.printf("QEMU %s: unknown to the model: %s; wrong: %s%n", release, unknown, wrong);
        if (ofTheModel) {
            assertThat(unknown).isEmpty();
            assertThat(wrong).isEmpty();
        }
        // A newer one may have changed a few.
        assertThat(wrong.size()).as("%s", wrong).isLessThanOrEqualTo(10);
    }
}
