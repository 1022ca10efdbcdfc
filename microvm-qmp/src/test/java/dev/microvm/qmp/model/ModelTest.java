/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpOobCommand;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.QmpWriter;
import dev.microvm.qmp.command.BlockdevAdd;
import dev.microvm.qmp.command.DeviceAdd;
import dev.microvm.qmp.command.DeviceDel;
import dev.microvm.qmp.command.MigrateSetParameters;
import dev.microvm.qmp.command.ObjectAdd;
import dev.microvm.qmp.command.QueryCommands;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.QueryVersion;
import dev.microvm.qmp.command.QueryYank;
import dev.microvm.qmp.event.GuestPanickedEvent;
import dev.microvm.qmp.event.ShutdownEvent;
import dev.microvm.qmp.event.StopEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelTest {

    private static QmpReader over(String json) {
        return QmpReader.of(JsonValue.parse(json));
    }

    private static String arguments(dev.microvm.qmp.QmpCommand<?> command) {
        return QmpWriter.object(command::writeMembers).toString();
    }

    @Test
    void readsTheRepliesOfQemu() {
        assertThat(QueryStatus.of().read(over("{\"status\":\"prelaunch\",\"singlestep\":false,\"running\":false}")))
                .isEqualTo(new StatusInfo(false, RunState.PRELAUNCH, false));
        assertThat(QueryVersion.of().read(over("{\"qemu\":{\"micro\":22,\"minor\":2,\"major\":7},\"package\":\"D\"}")))
                .isEqualTo(new VersionInfo(new VersionTriple(7, 2, 22), "D"));
        assertThat(QueryCommands.of().read(over("[{\"name\":\"quit\"},{\"name\":\"stop\"}]")))
                .containsExactly(new CommandInfo("quit"), new CommandInfo("stop"));
    }

    @Test
    void readsTheDataOfEvents() {
        assertThat(ShutdownEvent.TYPE.reader().apply(over("{\"guest\":true,\"reason\":\"guest-shutdown\"}")))
                .isEqualTo(new ShutdownData(true, ShutdownCause.GUEST_SHUTDOWN));
        assertThat(StopEvent.TYPE.reader().apply(over("{}"))).isEqualTo(QmpEmpty.EMPTY);
        GuestPanickedData panic = GuestPanickedEvent.TYPE
                .reader()
                .apply(over("{\"action\":\"pause\",\"info\":{\"type\":\"hyper-v\",\"arg1\":18446744073709551615,"
                        + "\"arg2\":0,\"arg3\":0,\"arg4\":0,\"arg5\":0}}"));
        assertThat(panic.action()).isEqualTo(GuestPanicAction.PAUSE);
        assertThat(panic.info()).isEqualTo(new GuestPanicInformation.HyperV(-1, 0, 0, 0, 0));
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
        assertThat(state).hasToString("hibernating").isEqualTo(RunState.of("hibernating"));
        assertThat(state).hasSameHashCodeAs(RunState.of("hibernating")).isNotEqualTo(RunState.RUNNING);
    }

    @Test
    void givesEachKnownValueOnce() {
        assertThat(RunState.of("running")).isSameAs(RunState.RUNNING);
    }

    @Test
    void doesNotTakeEqualTextsOfTwoEnumerationsForTheSame() {
        assertThat((Object) RunState.of("none")).isNotEqualTo(RebootAction.of("none"));
    }

    @Test
    void writesABranchOfAUnionWithItsTag() {
        BlockdevAdd command = BlockdevAdd.of(BlockdevOptions.Qcow2.builder()
                .nodeName("disk")
                .readOnly(true)
                .file(BlockdevRef.of(
                        BlockdevOptions.File.builder().filename("/a,b").build()))
                .build());

        assertThat(arguments(command))
                .isEqualTo("{\"driver\":\"qcow2\",\"node-name\":\"disk\",\"read-only\":true,"
                        + "\"file\":{\"driver\":\"file\",\"filename\":\"/a,b\"}}");
        assertThat(BlockdevAdd.readArguments(over(arguments(command)))).isEqualTo(command);
        assertThat(command.options().driver()).isEqualTo(BlockdevDriver.QCOW2);
    }

    @Test
    void keepsABranchOfANewerQemu() {
        String json = "{\"driver\":\"warp\",\"node-name\":\"w\",\"factor\":9}";
        BlockdevOptions options = BlockdevOptions.read(over(json));

        assertThat(options).isInstanceOf(BlockdevOptions.Unknown.class);
        assertThat(options.nodeName()).isEqualTo("w");
        assertThat(options.driver()).isEqualTo(BlockdevDriver.of("warp"));
        assertThat(QmpWriter.object(options::writeMembers)).hasToString(json);
    }

    /** It was written twice: by the branch and by what the inner union kept of an unknown branch. */
    @Test
    void doesNotTakeTheTagOfAnOuterUnionForAMemberOfTheInnerOne() {
        String json = "{\"transport\":\"socket\",\"type\":\"warp\",\"factor\":9}";
        MigrationAddress address = MigrationAddress.read(over(json));

        assertThat(((MigrationAddress.Socket) address).socket()).hasToString("Unknown{\"type\":\"warp\",\"factor\":9}");
        assertThat(QmpWriter.object(address::writeMembers)).hasToString(json);
    }

    @Test
    void readsAUnionWithoutTheTagThatAnOldQemuDoesNotHave() {
        SevInfo info = SevInfo.read(over("{\"enabled\":false,\"api-major\":0,\"api-minor\":0,\"build-id\":0,"
                + "\"policy\":0,\"state\":\"uninit\",\"handle\":7}"));

        assertThat(info).isInstanceOf(SevInfo.Unknown.class);
        assertThat(info.handle()).isEqualTo(7);
    }

    @Test
    void passesAnyPropertyToADevice() {
        DeviceAdd command = DeviceAdd.builder()
                .driver("virtio-blk-device")
                .id("d0")
                .property("drive", "disk")
                .property("num-queues", 2)
                .property("packed", true)
                .build();

        assertThat(arguments(command))
                .isEqualTo("{\"driver\":\"virtio-blk-device\",\"id\":\"d0\",\"drive\":\"disk\",\"num-queues\":2,"
                        + "\"packed\":true}");
        assertThat(DeviceAdd.readArguments(over(arguments(command)))).isEqualTo(command);
    }

    @Test
    void writesTheNullOfAnAlternate() {
        MigrateSetParameters clear =
                MigrateSetParameters.builder().tlsCreds(StrOrNull.ofNull()).build();

        assertThat(arguments(clear)).isEqualTo("{\"tls-creds\":null}");
        assertThat(MigrateSetParameters.readArguments(over("{\"tls-creds\":null}")))
                .isEqualTo(clear);
    }

    @Test
    void saysWhatABuilderMisses() {
        assertThatIllegalStateException()
                .isThrownBy(() -> DeviceDel.builder().build())
                .withMessageContaining("DeviceDel")
                .withMessageContaining("'id'");
    }

    @Test
    void tellsOutOfBandCommandsByTheirType() {
        assertThat(QueryYank.of()).isInstanceOf(QmpOobCommand.class);
        assertThat(QueryStatus.of()).isNotInstanceOf(QmpOobCommand.class);
    }

    @Test
    void cannotBeChangedThroughItsLists() {
        ObjectAdd add = ObjectAdd.of(ObjectOptions.MemoryBackendRam.builder()
                .id("m")
                .size(1)
                .hostNodes(new java.util.ArrayList<>(List.of(0L)))
                .build());
        ObjectOptions.MemoryBackendRam memory = (ObjectOptions.MemoryBackendRam) add.options();

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> memory.hostNodes().add(1L));
    }
}
