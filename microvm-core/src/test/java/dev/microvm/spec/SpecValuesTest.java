/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input is refused when the value is built, with the attribute, the value and what to write instead. */
final class SpecValuesTest {
    private static final Path SOURCE = Path.of("/s");

    private static VmSpec.Builder vm() {
        return VmSpec.builder().boot(BootSource.hostRoot());
    }

    private static Arguments bad(Supplier<?> value, String message) {
        return arguments(message, value);
    }

    static Stream<Arguments> badNumbers() {
        return Stream.of(
                bad(() -> vm().memoryMib(0).build(), "VmSpec.memoryMib = 0: must be 64 to 16777216"),
                bad(() -> vm().memoryMib(-1).build(), "VmSpec.memoryMib = -1"),
                bad(() -> vm().vcpus(0).build(), "VmSpec.vcpus = 0: must be 1 to 255"),
                bad(() -> vm().vcpus(256).build(), "VmSpec.vcpus = 256"),
                bad(
                        () -> NinePShare.builder()
                                .tag("t")
                                .source(SOURCE)
                                .msize(512_001)
                                .build(),
                        "NinePShare.msize = 512001: must be 4096 to 512000"),
                bad(() -> mapped().fmode(01000).build(), "NinePShare.fmode = 01000: must be 0 to 0777 (octal)"),
                bad(() -> mapped().dmode(-1).build(), "NinePShare.dmode = "),
                bad(
                        () -> mapped().securityModel(SecurityModel.NONE)
                                .fmode(0644)
                                .build(),
                        "NinePShare.fmode = 0644: is for SecurityModel.MAPPED_XATTR and MAPPED_FILE"),
                bad(
                        () -> mapped().securityModel(SecurityModel.PASSTHROUGH)
                                .dmode(0755)
                                .build(),
                        "NinePShare.dmode = 0755: is for SecurityModel.MAPPED_XATTR and MAPPED_FILE"),
                bad(() -> Share.auto("t", SOURCE).mappingUser(-1), "AutoShare.guestId = -1"),
                bad(() -> PortForward.hostToGuest(65_536, 22), "PortForward.hostPort = 65536: must be 0 to 65535"),
                bad(() -> PortForward.hostToGuest(22, 0), "PortForward.guestPort = 0: must be 1 to 65535"),
                bad(() -> PortForward.guestToHost(22, 0), "PortForward.hostPort = 0: must be 1 to 65535"),
                bad(() -> VsockDevice.of(2), "VsockDevice.cid = 2: must be 3 to 4294967294"),
                bad(() -> IdMap.callerAs(-1), "IdMap.guestUid = -1"));
    }

    static Stream<Arguments> badNames() {
        return Stream.of(
                bad(() -> vm().name("").build(), "VmSpec.name = : 1 to 63 letters"),
                bad(() -> vm().cpu(" ").build(), "VmSpec.cpu = \" \": must not be empty; leave it out instead"),
                bad(() -> vm().name("a b").build(), "VmSpec.name = a b"),
                bad(
                        () -> NinePShare.of("x".repeat(32), SOURCE),
                        "has 32 bytes; 1 to 31 are allowed (9p mount tags end at 31)"),
                bad(() -> Share.auto("x".repeat(32), SOURCE), "it may become a 9p share"),
                bad(() -> NinePShare.of("é".repeat(16), SOURCE), "has 32 bytes"),
                bad(
                        () -> VirtiofsShare.of("x".repeat(37), SOURCE),
                        "has 37 bytes; 1 to 36 are allowed (virtiofs tags end at 36)"),
                bad(() -> NinePShare.of("", SOURCE), "NinePShare.tag = : has 0 bytes"),
                bad(() -> NinePShare.of("a b", SOURCE), "NinePShare.tag = a b: must not contain blanks"),
                bad(
                        () -> Volume.builder()
                                .image(SOURCE)
                                .serial("x".repeat(21))
                                .build(),
                        "Volume.serial = xxxxxxxxxxxxxxxxxxxxx: has 21 bytes; 1 to 20"),
                bad(() -> TapNetwork.builder().device("x".repeat(16)).build(), "TapNetwork.device", "end at 15"),
                bad(() -> vm().addKernelParameters("a\nb").build(), "VmSpec.kernelParameters = a?b: must not contain"),
                bad(() -> PciPassthrough.of("1:2"), "must be [DOMAIN:]BUS:SLOT.FUNCTION, such as 0000:01:00.0"));
    }

    private static Arguments bad(Supplier<?> value, String first, String second) {
        return arguments(first + "|" + second, value);
    }

    static Stream<Arguments> badPaths() {
        return Stream.of(
                bad(
                        () -> NinePShare.of("t", Path.of("~/work")),
                        "NinePShare.source = ~/work: '~' is expanded by shells only; write"
                                + " Path.of(System.getProperty(\"user.home\"), \"work\")"),
                bad(() -> VirtiofsShare.of("t", Path.of("~")), "VirtiofsShare.source = ~: '~'"),
                bad(() -> BootSource.kernel(Path.of("~/vmlinuz"), SOURCE), "KernelBoot.kernel = ~/vmlinuz"),
                bad(() -> Volume.builder().image(Path.of("~/disk")).build(), "Volume.image = ~/disk"),
                bad(() -> HostRoot.builder().root(Path.of("")).build(), "HostRoot.root = \"\": must not be empty"),
                bad(
                        () -> NinePShare.of("t", SOURCE).mountedAt("work"),
                        "NinePShare.mountPoint = work: must be absolute (the guest has no working directory yet)"),
                bad(
                        () -> NinePShare.of("t", SOURCE).mountedAt("~/work"),
                        "write the absolute path, such as /home/user"),
                bad(() -> NinePShare.of("t", SOURCE).mountedAt("/a/../b"), "must be normalized"),
                bad(() -> NinePShare.of("t", SOURCE).mountedAt("/a/"), "must not end in '/'"),
                bad(
                        () -> VirtiofsShare.of("t", SOURCE).mountedAt("a"),
                        "VirtiofsShare.mountPoint = a: must be absolute"),
                bad(
                        () -> StoreOverlay.builder()
                                .lower("/l")
                                .upper("u")
                                .mountPoint("/m")
                                .build(),
                        "StoreOverlay.upper = u: must be absolute"),
                bad(() -> HostRoot.builder().addEmptyFolders("var").build(), "HostRoot.emptyFolders = var"));
    }

    static Stream<Arguments> badNetworks() {
        return Stream.of(
                bad(
                        () -> PortForward.builder()
                                .direction(PortForward.Direction.GUEST_TO_HOST)
                                .protocol(Protocol.UDP)
                                .hostPort(53)
                                .guestPort(53)
                                .build(),
                        "PortForward.protocol = UDP: QEMU has no UDP guest forward; use TCP, or reach the host as 10.0.2.2"),
                bad(
                        () -> UserNetwork.builder().mac("02:00:00:00:00").build(),
                        "UserNetwork.mac = 02:00:00:00:00: must be six hexadecimal pairs separated by ':', such as"),
                bad(
                        () -> UserNetwork.builder().mac("01:00:00:00:00:01").build(),
                        "UserNetwork.mac = 01:00:00:00:00:01: is a multicast address: the first pair must be even"),
                bad(() -> TapNetwork.builder().device("t").mac("x").build(), "TapNetwork.mac = x"),
                bad(
                        () -> PortForward.builder()
                                .hostAddress("localhost")
                                .hostPort(1)
                                .guestPort(1)
                                .build(),
                        "PortForward.hostAddress = localhost: must be an IPv4 address in digits, such as 127.0.0.1"));
    }

    static Stream<Arguments> missing() {
        return Stream.of(
                bad(() -> VmSpec.builder().build(), "boot"),
                bad(() -> NinePShare.builder().tag("t").build(), "source"),
                bad(() -> PortForward.builder().hostPort(1).build(), "guestPort"));
    }

    static Stream<Arguments> badStorage() {
        Volume.Builder disk = Volume.builder().image(SOURCE);
        return Stream.of(
                bad(() -> Volume.of(SOURCE).mountedAt("/m"), "Volume.mountPoint = /m: needs the fileSystem"),
                bad(
                        () -> Volume.builder().image(SOURCE).linked(true).build(),
                        "Volume.linked = true: only a qcow2 image"),
                bad(() -> Volume.of(SOURCE).createdWith(299, FileSystem.XFS), "Volume.createMib = 299: must be 300 to"),
                bad(
                        () -> Volume.of(SOURCE).createdWith(9, FileSystem.EXT4).asReadOnly(),
                        "Volume.createMib = 9: a new image that is read-only would stay empty"),
                bad(() -> Volume.builder().from(disk.build()).label("l").build(), "Volume.label = l", "createMib"),
                bad(
                        () -> Volume.builder()
                                .from(Volume.of(SOURCE).createdWith(9, FileSystem.VFAT))
                                .label("twelve-bytes")
                                .build(),
                        "Volume.label = twelve-bytes: 1 to 11 letters",
                        "vfat"),
                bad(
                        () -> Volume.builder()
                                .from(disk.build())
                                .addMkfsArguments("-q")
                                .build(),
                        "Volume.mkfsArguments"),
                bad(
                        () -> Volume.builder()
                                .from(Volume.of(SOURCE)
                                        .createdWith(9, FileSystem.EXT4)
                                        .mountedAt("/m"))
                                .addMountOptions("a,ro")
                                .build(),
                        "Volume.mountOptions = a,ro: one option each"),
                bad(
                        () -> overlay().upper("/l/u").build(),
                        "StoreOverlay.upper = /l/u: must lie apart from lower = /l: the kernel refuses"),
                bad(() -> overlay().upper("/m").build(), "StoreOverlay.upper = /m: must lie apart from mountPoint"),
                bad(() -> overlay().sizeMib(0).build(), "StoreOverlay.sizeMib = 0"),
                bad(
                        () -> overlay()
                                .sizeMib(1)
                                .upperLayer(UpperLayer.MOUNTED)
                                .build(),
                        "StoreOverlay.sizeMib = 1: is that of a tmpfs, and upperLayer is MOUNTED"),
                bad(() -> Persistence.at("/"), "Persistence.at = /: must be the mount point of a share or volume"),
                bad(() -> Persistence.at("keep"), "Persistence.at = keep: must be absolute"),
                bad(() -> Persistence.at("/k").directories("~/git"), "PersistentPath.path = ~/git: '~' is expanded"),
                bad(
                        () -> Persistence.at("/k").directories("a/../b"),
                        "PersistentPath.path = a/../b: must be normalized"),
                bad(() -> Persistence.at("/k").files(""), "PersistentPath.path"),
                bad(() -> Persistence.at("/k").files("/"), "PersistentPath.path = \"/\": must name something"),
                bad(() -> Persistence.at("/k").directory("/a", 755), "PersistentPath.mode = 01363: must be 0 to 0777"),
                bad(
                        () -> Persistence.at("/k").directories("/abs").ofUser("dev"),
                        "Persistence.directories = /abs: must be relative to the home /home/dev"),
                bad(() -> Persistence.builder().at("/k").uid(7).build(), "Persistence.user = absent"),
                bad(
                        () -> Persistence.builder().at("/k").user("d").gid(7).build(),
                        "Persistence.gid = 7: needs the uid"));
    }

    private static StoreOverlay.Builder overlay() {
        return StoreOverlay.builder().lower("/l").upper("/u").mountPoint("/m");
    }

    @Test
    void aVolumeThatIsMountedHasASerialThatComesFromItsPathAlone() {
        Volume mounted = Volume.of(SOURCE).createdWith(9, FileSystem.EXT4).mountedAt("/m");
        assertThat(mounted.guestSerial())
                .hasValueSatisfying(serial -> assertThat(serial).hasSize(20).startsWith("mv-"));
        assertThat(mounted.mountedAt("/other").guestSerial()).isEqualTo(mounted.guestSerial());
        assertThat(Volume.of(Path.of("/t"))
                        .createdWith(9, FileSystem.EXT4)
                        .mountedAt("/m")
                        .guestSerial())
                .isNotEqualTo(mounted.guestSerial());
        assertThat(Volume.of(SOURCE).guestSerial()).isEmpty();
        assertThat(Volume.builder().from(mounted).serial("own").build().guestSerial())
                .contains("own");
    }

    @Test
    void persistentPathsOfAUserBeginAtTheHome() {
        Persistence user = Persistence.at("/k").directories("git").ofUser("dev");
        assertThat(user.target(user.directories().get(0))).isEqualTo("/home/dev/git");
        assertThat(user.ofUser("root").homeFolder()).contains("/root");
        assertThat(Persistence.builder()
                        .from(user)
                        .home("/srv/d")
                        .build()
                        .target(user.directories().get(0)))
                .isEqualTo("/srv/d/git");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"badNumbers", "badNames", "badPaths", "badNetworks", "badStorage", "missing"})
    void refuses(String message, Supplier<?> value) {
        assertThatThrownBy(value::get)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(message.split("\\|"));
    }

    private static NinePShare.Builder mapped() {
        return NinePShare.builder().tag("t").source(SOURCE).securityModel(SecurityModel.MAPPED_XATTR);
    }

    @Test
    void undecidedShareBecomesEitherKindWithAllThatBothCanKeep() {
        AutoShare share =
                Share.auto("t", SOURCE).mountedAt("/m").mappingUser(1000).asReadOnly();

        assertThat(share.toVirtiofs())
                .isEqualTo(VirtiofsShare.of("t", SOURCE)
                        .mountedAt("/m")
                        .mappingUser(1000)
                        .asReadOnly());
        assertThat(share.toNineP(false))
                .isEqualTo(NinePShare.of("t", SOURCE).mountedAt("/m").asReadOnly());
        assertThat(share.toNineP(true).securityModel())
                .as("what is only read has no owners to keep")
                .isEqualTo(SecurityModel.NONE);
        assertThat(Share.auto("t", SOURCE).toNineP(true).securityModel()).isEqualTo(SecurityModel.PASSTHROUGH);
        assertThat(Share.auto("t", SOURCE).toNineP(false).securityModel()).isEqualTo(SecurityModel.NONE);
        assertThat(Share.auto("t", SOURCE).toVirtiofs().readOnly()).isFalse();
    }

    @Test
    void ninePShareTellsHowAGuestMountsIt() {
        assertThat(NinePShare.of("t", SOURCE).mountOptions())
                .isEqualTo("rw,trans=virtio,version=9p2000.L,msize=131072,cache=none");
        assertThat(mapped().readOnly(true)
                        .msize(4096)
                        .cache(NinePCache.LOOSE)
                        .build()
                        .mountOptions())
                .isEqualTo("ro,trans=virtio,version=9p2000.L,msize=4096,cache=loose,access=any");
    }

    @Test
    void sharesOfASpecCanBeReplaced() {
        VmSpec spec = vm().addShares(NinePShare.of("a", SOURCE), NinePShare.of("b", SOURCE))
                .build();

        assertThat(VmSpec.builder()
                        .from(spec)
                        .shares(List.of(NinePShare.of("c", SOURCE)))
                        .build()
                        .shares())
                .containsExactly(NinePShare.of("c", SOURCE));
    }

    @Test
    void takesTheLongestTags() {
        assertThat(NinePShare.of("x".repeat(31), SOURCE).tag()).hasSize(31);
        assertThat(VirtiofsShare.of("x".repeat(36), SOURCE).tag()).hasSize(36);
    }

    @Test
    void takesTildesThatAreNotShellOnes() {
        assertThat(NinePShare.of("t", Path.of("/data/~backup")).source()).isEqualTo(Path.of("/data/~backup"));
    }

    @Test
    void derivesValuesWithoutChangingTheFirst() {
        NinePShare share = NinePShare.of("t", SOURCE);
        assertThat(share.mountedAt("/m").asReadOnly())
                .isEqualTo(NinePShare.builder()
                        .tag("t")
                        .source(SOURCE)
                        .mountPoint("/m")
                        .readOnly(true)
                        .build());
        assertThat(share.readOnly()).isFalse();
        assertThat(VirtiofsShare.of("t", SOURCE).mappingUser(1000).idMap()).isEqualTo(IdMap.callerAs(1000));
    }

    @Test
    void buildsOnAnotherSpec() {
        VmSpec base = vm().addKernelParameters("quiet").build();
        VmSpec more = VmSpec.builder()
                .from(base)
                .addKernelParameters("debug")
                .memoryMib(2048)
                .build();
        assertThat(more.kernelParameters()).containsExactly("quiet", "debug");
        assertThat(base.memoryMib()).isEqualTo(1024);
        assertThat(more)
                .isNotEqualTo(base)
                .isEqualTo(VmSpec.builder().from(more).build());
    }
}
