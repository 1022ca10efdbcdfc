/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryAudiodevs;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What real releases do not know, with and without the check before sending. */
class QmpAvailabilityIT extends AbstractReleasesIT {
    private static final RawCommand NEW_MEMBER = raw(
            "blockdev-add",
            "{\"driver\":\"raw\",\"node-name\":\"a\",\"file\":{\"driver\":\"qcow2\",\"file\":\"no\",\"discard-no-unref\":true}}");
    private static final RawCommand NEW_VALUE = raw("query-stats", "{\"target\":\"cryptodev\"}");

    private static void assertNeeds(ThrowingCallable call, String what) {
        assertThatThrownBy(call).isInstanceOfSatisfying(QmpUnsupportedException.class, e -> {
            assertThat(e).hasMessageContaining(what + " needs QEMU 10.0 or 11.1; this is 7.2.");
            assertThat(e.releases()).containsExactly("10.0", "11.1");
        });
    }

    private static void assertOldOneKnowsNone(QmpClient client) {
        assertNeeds(() -> client.execute(QueryAudiodevs.of()), "the command 'query-audiodevs'");
        assertNeeds(() -> client.execute(NEW_MEMBER), "the member 'discard-no-unref' of the command 'blockdev-add'");
        assertNeeds(
                () -> client.execute(NEW_VALUE),
                "the value 'cryptodev' of the member 'target' of the command 'query-stats'");
    }

    @Test
    void tellsWhatIsNeededWhenQemuRefuses() throws Exception {
        session(QemuRelease.V7_2, options().build(), (client, qemu) -> assertOldOneKnowsNone(client));
    }

    @Test
    void tellsWhatIsNeededBeforeItIsSent() throws Exception {
        session(QemuRelease.V7_2, options().strictArguments(true).build(), (client, qemu) -> {
            int before = client.history().size();
            assertOldOneKnowsNone(client);
            assertThat(client.history()).hasSize(before);
            assertThat(client.supports(QueryAudiodevs.of())).isFalse();
            assertThat(client.supports(NEW_MEMBER)).isFalse();
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void judgesAsThisQemuDoes(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            QmpSchema schema = client.schema();
            assertThat(schema.commands()).contains("query-status", "blockdev-add", "device_add");
            assertThat(schema.events()).contains("SHUTDOWN");
            List<RawCommand> commands = List.of(
                    NEW_MEMBER,
                    NEW_VALUE,
                    raw("query-status", "{}"),
                    raw("query-status", "{\"x\":1}"),
                    raw("query-audiodevs", "{}"),
                    raw("blockdev-add", "{\"driver\":\"null-co\",\"node-name\":\"n\",\"size\":1024}"),
                    raw("blockdev-add", "{\"driver\":\"null-co\",\"node-name\":\"m\",\"size\":\"1024\"}"),
                    raw("blockdev-add", "{\"driver\":\"null-co\",\"node-name\":\"m\",\"latency\":1}"),
                    raw("blockdev-add", "{\"driver\":\"raw\",\"node-name\":\"m\",\"file\":\"n\"}"),
                    raw("blockdev-add", "{\"driver\":\"raw\",\"node-name\":\"o\",\"file\":null}"),
                    raw("netdev_add", "{\"type\":\"hubport\",\"id\":\"h\",\"hubid\":0}"),
                    raw("netdev_add", "{\"type\":\"hubport\",\"id\":\"h\"}"),
                    raw("object-add", "{\"qom-type\":\"memory-backend-ram\",\"id\":\"r\",\"size\":4096}"),
                    raw(
                            "object-add",
                            "{\"qom-type\":\"memory-backend-ram\",\"id\":\"r2\",\"size\":4096,\"policy\":\"x\"}"));
            for (RawCommand command : commands) {
                String answer = answer(client, command);
                boolean refusedForItsForm = answer.matches(".*(is unexpected|does not accept value|Invalid parameter"
                        + "|is missing|Invalid parameter type|has not been found).*");
                assertThat(client.supports(command))
                        .as("%s: %s; QEMU: %s", command, schema.problems(command), answer)
                        .isEqualTo(!refusedForItsForm);
            }
        });
    }

    private static String answer(QmpClient client, RawCommand command) {
        try {
            return client.execute(command).toString();
        } catch (QmpErrorException e) {
            return e.desc();
        } catch (QmpUnsupportedException e) {
            return e.desc();
        }
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void letsPassWhatIsRightWhenItIsStrict(QemuRelease release) throws Exception {
        session(release, options().strictArguments(true).build(), (client, qemu) -> {
            client.execute(raw("blockdev-add", "{\"driver\":\"null-co\",\"node-name\":\"n\",\"size\":1024}"));
            assertThat(client.commands().queryStatus().running()).isNotNull();
            assertThatThrownBy(() -> client.execute(raw("device_add", "{\"driver\":\"no-such\",\"any\":\"thing\"}")))
                    .as("only QEMU knows the drivers")
                    .isInstanceOf(QmpErrorException.class);
        });
    }
}
