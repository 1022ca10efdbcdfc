/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.QmpWriter;
import org.junit.jupiter.api.Test;

class ModelTest {

    private static QmpReader over(String json) {
        return QmpReader.of(JsonValue.parse(json));
    }

    @Test
    void readsTheRepliesOfQemu() {
        assertThat(QueryStatus.of().read(over("{\"status\":\"prelaunch\",\"singlestep\":false,\"running\":false}")))
                .isEqualTo(new StatusInfo(false, RunState.PRELAUNCH));
        assertThat(QueryVersion.of().read(over("{\"qemu\":{\"micro\":22,\"minor\":2,\"major\":7},\"package\":\"D\"}")))
                .isEqualTo(new VersionInfo(new VersionTriple(7, 2, 22), "D"));
        assertThat(QueryCommands.of().read(over("[{\"name\":\"quit\"},{\"name\":\"stop\"}]")))
                .containsExactly(new CommandInfo("quit"), new CommandInfo("stop"));
    }

    @Test
    void readsTheDataOfEvents() {
        assertThat(ShutdownEvent.TYPE.reader().apply(over("{\"guest\":true,\"reason\":\"guest-shutdown\"}")))
                .isEqualTo(new ShutdownData(true, ShutdownCause.GUEST_SHUTDOWN));
        assertThat(ResetEvent.TYPE.reader().apply(over("{\"guest\":false,\"reason\":\"host-qmp-system-reset\"}")))
                .isEqualTo(new ResetData(false, ShutdownCause.HOST_QMP_SYSTEM_RESET));
        GuestPanickedData panic =
                GuestPanickedEvent.TYPE.reader().apply(over("{\"action\":\"pause\",\"info\":{\"type\":\"hyper-v\"}}"));
        assertThat(panic.action()).isEqualTo(GuestPanicAction.PAUSE);
        assertThat(panic.findInfo()).map(Object::toString).contains("{\"type\":\"hyper-v\"}");
        assertThat(GuestPanickedEvent.TYPE
                        .reader()
                        .apply(over("{\"action\":\"run\"}"))
                        .findInfo())
                .isEmpty();
    }

    @Test
    void saysWhichMemberIsMissing() {
        assertThatThrownBy(() -> StatusInfo.read(over("{\"running\":true}")))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("'status'");
    }

    @Test
    void keepsTheValuesOfANewerQemu() {
        RunState state = RunState.of("hibernating");
        assertThat(state.isKnown()).isFalse();
        assertThat(state.known()).isEmpty();
        assertThat(state).hasToString("hibernating").isEqualTo(RunState.of("hibernating"));
        assertThat(state).hasSameHashCodeAs(RunState.of("hibernating")).isNotEqualTo(RunState.RUNNING);
    }

    @Test
    void returnsTheConstantOfAKnownValue() {
        assertThat(RunState.of("guest-panicked")).isSameAs(RunState.GUEST_PANICKED);
        assertThat(RunState.GUEST_PANICKED.known()).contains(RunState.Known.GUEST_PANICKED);
        for (RunState.Known known : RunState.Known.values()) {
            String value = known.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            assertThat(RunState.of(value).known()).contains(known);
        }
    }

    @Test
    void writesNoArgumentsForCommandsWithoutAny() {
        assertThat(QmpWriter.object(Quit.of()::write)).isEqualTo(JsonValue.Obj.EMPTY);
        assertThat(SystemPowerdown.of().name()).isEqualTo("system_powerdown");
    }
}
