/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.DaemonDeath;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.InodeFileHandles;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.MultiDevs;
import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.PersistentPath;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.SeccompAction;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VirtiofsMigration;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdLogLevel;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import dev.microvm.spec.VsockDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Random specs, valid each for itself; every attribute is varied. */
final class SpecArbitraries {
    private static final String AWKWARD = "aZ9 ,=\"'\\$:{}[]/<>#%é日🦀";

    private final Random random;

    private SpecArbitraries(Random random) {
        this.random = random;
    }

    static Arbitrary<VmSpec> specs() {
        return Arbitraries.randomValue(random -> new SpecArbitraries(random).spec());
    }

    private boolean coin() {
        return random.nextBoolean();
    }

    private int number(int min, int max) {
        return min + random.nextInt(max - min + 1);
    }

    private <E extends Enum<E>> E any(Class<E> type) {
        E[] constants = type.getEnumConstants();
        return constants[random.nextInt(constants.length)];
    }

    private String text(String alphabet, int max) {
        int[] letters = alphabet.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = number(1, max); i > 0; i--) {
            text.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    private String word(int max) {
        return text("abcXYZ019,=", max);
    }

    private Path path() {
        // Outside UTF-8 locales the JVM has no paths beyond ASCII.
        boolean unicode = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
        String name = text(AWKWARD, 12);
        return Path.of("/p", unicode ? name : name.replaceAll("[^ -~]", "x"));
    }

    private String guestPath() {
        return "/g/" + text("abc,='\" é", 9);
    }

    private String address() {
        return number(0, 255) + "." + number(0, 255) + "." + number(0, 255) + "." + number(0, 255);
    }

    private BootSource boot() {
        if (coin()) {
            HostRoot.Builder root = HostRoot.builder().root(path());
            if (coin()) {
                root.kernel(path()).modules(path()).addEmptyFolders(guestPath(), guestPath());
            }
            return root.build();
        }
        KernelBoot.Builder kernel =
                KernelBoot.builder().kernel(path()).agent(coin()).mountsItself(coin());
        if (coin()) {
            kernel.initrd(path()).addParameters(text(AWKWARD, 20));
        }
        return kernel.build();
    }

    private Share share() {
        if (number(1, 3) == 1) {
            AutoShare.Builder share = AutoShare.builder()
                    .tag(word(31))
                    .source(path())
                    .readOnly(coin())
                    .guestId(number(0, 70_000));
            mountPoint().ifPresent(share::mountPoint);
            return share.build();
        }
        if (coin()) {
            SecurityModel model = any(SecurityModel.class);
            NinePShare.Builder share = NinePShare.builder()
                    .tag(word(31))
                    .source(path())
                    .readOnly(coin())
                    .securityModel(model)
                    .cache(any(NinePCache.class))
                    .multidevs(any(MultiDevs.class))
                    .msize(number(4096, 512_000));
            if (model.isMapped() && coin()) {
                share.fmode(number(0, 0777)).dmode(number(0, 0777));
            }
            mountPoint().ifPresent(share::mountPoint);
            return share.build();
        }
        VirtiofsShare.Builder share = VirtiofsShare.builder()
                .tag(word(36))
                .source(path())
                .readOnly(coin())
                .cache(any(CachePolicy.class))
                .sandbox(any(Sandbox.class))
                .idMap(idMap())
                .xattr(coin())
                .posixAcl(coin())
                .onDeath(any(DaemonDeath.class))
                .daemon(daemon());
        mountPoint().ifPresent(share::mountPoint);
        return share.build();
    }

    private IdMap idMap() {
        return switch (any(IdMap.Kind.class)) {
            case IDENTITY -> IdMap.IDENTITY;
            case CALLER -> IdMap.callerAs(number(0, 70_000));
            case SUBORDINATE -> IdMap.subordinateAs(number(0, 70_000));
            case TRANSLATE ->
                IdMap.translating(
                        List.of(
                                new IdTranslation(IdTranslation.Kind.MAP, number(0, 9), number(0, 9), 10),
                                new IdTranslation(IdTranslation.Kind.FORBID_GUEST, 100, 0, number(1, 9))),
                        List.of(new IdTranslation(
                                coin() ? IdTranslation.Kind.SQUASH_GUEST : IdTranslation.Kind.HOST,
                                0,
                                number(0, 99),
                                5)));
            case NAMESPACE ->
                IdMap.namespace(
                        List.of(IdRange.ofCaller(number(0, 9)), IdRange.of(10, number(1, 99_999), number(1, 99))),
                        coin() ? List.of() : List.of(IdRange.ofCaller(0)));
        };
    }

    private VirtiofsdOptions daemon() {
        VirtiofsdOptions.Builder daemon = VirtiofsdOptions.builder()
                .threadPoolSize(number(0, 9))
                .announceSubmounts(coin())
                .seccomp(any(SeccompAction.class))
                .allowMmap(coin())
                .writeback(coin())
                .directIo(coin())
                .preserveNoatime(coin())
                .killprivV2(coin())
                .securityLabel(coin())
                .logLevel(any(VirtiofsdLogLevel.class))
                .queueSize(1 << number(0, 10));
        if (coin()) {
            daemon.inodeFileHandles(any(InodeFileHandles.class))
                    .socketGroup(word(9))
                    .rlimitNofile(number(700, 99_999))
                    .xattrMap(":map::user.x.:")
                    .addAllAddedCapabilities(List.of("sys_admin"))
                    .addAllDroppedCapabilities(List.of("chown", "mknod"))
                    .addExtraArguments("--x=" + text(AWKWARD, 5))
                    .migration(VirtiofsMigration.builder()
                            .onError(any(VirtiofsMigration.OnError.class))
                            .verifyHandles(coin())
                            .confirmPaths(coin())
                            .build());
        }
        return daemon.build();
    }

    private Optional<String> mountPoint() {
        return coin() ? Optional.of(guestPath()) : Optional.empty();
    }

    private Volume volume() {
        Volume.Builder volume =
                Volume.builder().image(path()).format(any(VolumeFormat.class)).readOnly(coin());
        if (coin()) {
            volume.format(VolumeFormat.QCOW2).linked(coin());
        }
        if (coin()) {
            volume.serial(word(20));
        }
        if (coin()) {
            volume.direct(coin()).discard(coin());
        }
        if (coin()) {
            volume.fileSystem(any(FileSystem.class))
                    .mountPoint(guestPath())
                    .addMountOptions("noatime", "o=" + number(0, 9));
        }
        if (coin()) {
            volume.readOnly(false)
                    .createMib(number(300, 9999))
                    .fileSystem(any(FileSystem.class))
                    .label("l" + number(0, 999))
                    .addMkfsArguments(text(AWKWARD, 9) + "x");
        }
        return volume.build();
    }

    private StoreOverlay overlay() {
        StoreOverlay.Builder overlay = StoreOverlay.builder()
                .lower("/l" + guestPath())
                .upper("/u" + guestPath())
                .mountPoint("/m" + guestPath());
        if (coin()) {
            return overlay.upperLayer(UpperLayer.MOUNTED).build();
        }
        return (coin() ? overlay.sizeMib(number(1, 9999)) : overlay).build();
    }

    private Persistence persistence() {
        boolean system = coin();
        String begin = system ? "/" : "";
        Persistence.Builder persistence = Persistence.builder()
                .at(guestPath())
                .addDirectories(new PersistentPath(begin + text("abc,='\" é", 9), number(0, 0777)))
                .addFiles(new PersistentPath(begin + "f/" + text("abc,='\" é", 9), number(0, 0777)));
        if (!system) {
            persistence.user("u" + number(0, 9));
            if (coin()) {
                persistence.home(guestPath()).uid(number(0, 70_000)).gid(number(0, 70_000));
            }
        }
        return persistence.build();
    }

    private NetworkInterface network() {
        String mac = String.format("%02x:00:00:00:00:%02X", number(0, 127) * 2, number(0, 255));
        if (coin()) {
            UserNetwork.Builder user =
                    UserNetwork.builder().id("n" + number(0, 9)).restrict(coin());
            return (coin() ? user.mac(mac) : user).build();
        }
        TapNetwork.Builder tap = TapNetwork.builder().device(word(15)).vhost(coin());
        return (coin() ? tap.mac(mac) : tap).build();
    }

    private PortForward forward() {
        PortForward.Direction direction = any(PortForward.Direction.class);
        return PortForward.builder()
                .direction(direction)
                .protocol(direction == PortForward.Direction.GUEST_TO_HOST ? Protocol.TCP : any(Protocol.class))
                .hostAddress(address())
                .hostPort(number(1, 65_535))
                .guestAddress(address())
                .guestPort(number(1, 65_535))
                .build();
    }

    private VmSpec spec() {
        VmSpec.Builder spec = VmSpec.builder()
                .name("n" + number(0, 999))
                .architecture(any(Architecture.class))
                .accelerator(any(Accelerator.class))
                .vcpus(number(1, 255))
                .memoryMib(number(64, 65_536))
                .boot(boot());
        if (coin()) {
            spec.machine(any(MachineType.class))
                    .cpu("c" + text(AWKWARD, 9))
                    .vsock(VsockDevice.of(3 + random.nextInt(9)));
        }
        for (int i = number(0, 3); i > 0; i--) {
            spec.addShares(share())
                    .addVolumes(volume())
                    .addInterfaces(network())
                    .addForwards(forward())
                    .addStoreOverlays(overlay())
                    .addPersistence(persistence())
                    .addPassthrough(PciPassthrough.of("0000:0" + number(0, 9) + ":00.1"))
                    .addKernelParameters(text(AWKWARD, 20))
                    .addExtraQemuArguments(text(AWKWARD, 20))
                    .addExtensions(new Greeting(text(AWKWARD, 20), random.nextLong()));
        }
        return spec.build();
    }
}
