/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.command.QueryQmpSchema;
import dev.microvm.qmp.schema.GeneratedTypes;
import dev.microvm.qmp.schema.LiveSchema;
import dev.microvm.qmp.schema.ModelSchema;
import dev.microvm.qmp.schema.ReplyCheck;
import dev.microvm.qmp.schema.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every query that needs no arguments, of each release: what QEMU replies is read into the typed result, and nothing of it is lost. */
class QueryCommandsIT {
    private static final Schema MODEL = ModelSchema.ofAll();

    /** How many queries a release has that take no arguments at all, and how many that need none, those named x-... included. */
    private enum Count {
        V7_2(53, 69),
        V10_0(55, 72),
        V11_1(56, 74);

        private final int withoutArguments;
        private final int all;

        Count(int withoutArguments, int all) {
            this.withoutArguments = withoutArguments;
            this.all = all;
        }
    }

    /** What depends on the host (KVM with SEV or SGX), on another architecture, or on how QEMU was built. */
    private static final Set<String> NOT_HERE = Set.of(
            "query-gic-capabilities",
            "query-s390x-cpu-polarization",
            "query-sev-capabilities",
            "query-sev-launch-measure",
            "query-sgx",
            "query-sgx-capabilities",
            "x-query-profile");

    /** What asks for a device that none of the machines has. */
    private static final Set<String> NO_SUCH_DEVICE = Set.of("query-hv-balloon-status-report", "query-firmware-log");

    /** What asks for a device that a machine may have. */
    private static final Set<String> NO_MACHINE = Set.of(
            "query-acpi-ospm-status",
            "query-balloon",
            "query-hotpluggable-cpus",
            "query-vm-generation-id",
            "x-query-usb",
            "x-query-virtio");

    @TempDir
    Path folder;

    /** What came of the queries of one QEMU. */
    private static final class Outcome {
        final Set<String> withoutArguments = new TreeSet<>();
        final Set<String> read = new TreeSet<>();
        final Map<String, String> refused = new TreeMap<>();
        final Map<String, List<String>> wrong = new TreeMap<>();
        final Set<String> unknown = new TreeSet<>();
    }

    /** A command whose result comes with what it was read from. */
    private record WithReply(QmpCommand<?> command) implements QmpCommand<WithReply.Both> {
        record Both(JsonValue reply, Object result) {}

        @Override
        public String name() {
            return command.name();
        }

        @Override
        public void writeMembers(QmpWriter arguments) {
            command.writeMembers(arguments);
        }

        @Override
        public Both read(QmpReader result) {
            return new Both(result.value(), command.read(result));
        }
    }

    private static Outcome queryAll(QmpClient client) {
        Schema live = LiveSchema.read(client.executeRaw(QueryQmpSchema.NAME));
        Outcome outcome = new Outcome();
        live.commands().forEach((name, types) -> {
            Map<String, Schema.Member> members = live.struct(types.arguments()).members();
            boolean query = name.startsWith("query-") || (name.startsWith("x-") && name.contains("-query-"));
            if (query && members.values().stream().allMatch(Schema.Member::optional)) {
                if (members.isEmpty() && name.startsWith("query-")) {
                    outcome.withoutArguments.add(name);
                }
                if (MODEL.commands().containsKey(name)) {
                    query(client, name, outcome);
                } else {
                    outcome.unknown.add(name);
                }
            }
        });
        return outcome;
    }

    private static void query(QmpClient client, String name, Outcome outcome) {
        try {
            WithReply.Both both = client.execute(new WithReply(GeneratedTypes.commandWithoutArguments(name)));
            ReplyCheck.Outcome compared =
                    ReplyCheck.compare(MODEL, MODEL.commands().get(name).result(), both.reply(), both.result());
            outcome.read.add(name);
            compared.unknown().forEach(place -> outcome.unknown.add(name + " " + place));
            if (!compared.differences().isEmpty()) {
                outcome.wrong.put(name, compared.differences());
            }
        } catch (QmpErrorException e) {
            outcome.refused.put(name, e.desc());
        } catch (QmpProtocolException e) {
            outcome.wrong.put(name, List.of(String.valueOf(e.getMessage())));
        }
    }

    private static void assertReadsAll(QemuRelease release, ReleaseSession session, List<Set<String>> mayRefuse) {
        Outcome outcome = queryAll(session.client());
        System.out.printf(
                "QEMU %s: %d queries without arguments; %d read, %d refused: %s; unknown to the model: %s%n",
                session.client().greeting().version(),
                outcome.withoutArguments.size(),
                outcome.read.size(),
                outcome.refused.size(),
                outcome.refused,
                outcome.unknown);
        assertThat(outcome.wrong).isEmpty();
        assertThat(outcome.refused.keySet())
                .isSubsetOf(mayRefuse.stream().flatMap(Set::stream).toList());
        assertThat(outcome.refused.values())
                .as("no complaint about arguments")
                .noneMatch(text -> text.contains("arameter"));
        if (release.isOfTheModel(session.client().greeting().version())) {
            Count count = Count.valueOf(release.name());
            assertThat(outcome.unknown).isEmpty();
            assertThat(outcome.withoutArguments).hasSize(count.withoutArguments);
            assertThat(outcome.read.size() + outcome.refused.size()).isEqualTo(count.all);
        }
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void readsEveryReplyOfAQemuWithoutAMachine(QemuRelease release) {
        try (ReleaseSession session = release.start(folder, QemuRelease.NO_MACHINE)) {
            assertReadsAll(release, session, List.of(NOT_HERE, NO_SUCH_DEVICE, NO_MACHINE));
        }
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void readsEveryReplyOfARichMachine(QemuRelease release) throws IOException {
        try (ReleaseSession session = RichMachine.start(release, folder)) {
            assertReadsAll(release, session, List.of(NOT_HERE, NO_SUCH_DEVICE));
        }
    }
}
