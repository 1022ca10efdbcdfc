/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.GuestShell;
import dev.microvm.internal.host.StaticBusybox;
import dev.microvm.internal.image.Initramfs;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How guests come up, mount and end; a real one for each test. */
class GuestLifeIT {
    private static final VmSpec PLAIN = VmSpec.builder()
            .name("life")
            .memoryMib(512)
            .boot(BootSource.hostRoot())
            .build();

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mv");
    }

    @AfterEach
    void removeFolder() throws IOException {
        BootedFolders.remove(folder);
    }

    @Test
    void powersOffWhenAsked() throws Exception {
        try (BootedGuest guest = BootedGuest.ready(PLAIN, folder)) {
            long asked = System.nanoTime();
            guest.control().powerOff(Duration.ofSeconds(20));
            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(20))).isTrue();
            BootedGuest.say("powered off in " + (System.nanoTime() - asked) / 1_000_000 + " ms");

            assertThat(guest.qemu().exitValue()).isZero();
        }
    }

    @Test
    void powersOffByThePowerButton() throws Exception {
        try (BootedGuest guest = BootedGuest.ready(PLAIN, folder)) {
            guest.pressPowerButton();

            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(20))).isTrue();
            assertThat(guest.qemu().exitValue()).isZero();
        }
    }

    @Test
    void aMachineWithPciWorksAlikeWithTwoProcessors() throws Exception {
        VmSpec spec =
                VmSpec.builder().from(PLAIN).machine(MachineType.Q35).vcpus(2).build();
        try (BootedGuest guest = BootedGuest.ready(spec, folder)) {
            assertThat(guest.shell().exec("nproc").orFail().stdout()).isEqualTo("2\n");
            guest.pressPowerButton();

            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void powersOffByThePowerButtonBeforeAnythingIsMounted() throws Exception {
        try (BootedGuest guest = BootedGuest.spawn(PLAIN, folder)) {
            assertThat(guest.control().awaitHello(BootedGuest.LIMIT)).isEqualTo("initramfs");
            assertThat(guest.shell().sh("mount").orFail().stdout()).doesNotContain("9p");
            guest.pressPowerButton();

            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void mountsSharesAndOverlaysWhereverTheyAreWanted() throws Exception {
        Path data = Files.createDirectories(folder.resolve("it's a, \"share\" ü"));
        Files.writeString(data.resolve("file"), "from the host\n");
        Path inner = Files.createDirectories(folder.resolve("inner"));
        VmSpec spec = VmSpec.builder()
                .from(PLAIN)
                .boot(HostRoot.builder().addEmptyFolders("/srv/empty: 'one'").build())
                .addShares(
                        NinePShare.of("inner", inner).mountedAt("/mnt/ünï 'x', y/inner"),
                        NinePShare.of("data", data).mountedAt("/mnt/ünï 'x', y"),
                        NinePShare.of("ro", data).mountedAt("/nix/.ro-store").asReadOnly(),
                        NinePShare.of("under-run", data).mountedAt("/var/run/data"),
                        NinePShare.of("offered", data))
                .addStoreOverlays(StoreOverlay.builder()
                        .lower("/nix/.ro-store")
                        .upper("/nix/.rw:store,x")
                        .mountPoint("/nix/store")
                        .build())
                .build();
        Files.createDirectories(data.resolve("inner"));

        try (BootedGuest guest = BootedGuest.ready(spec, folder)) {
            GuestShell shell = guest.shell();
            assertThat(shell.exec("cat", "/mnt/ünï 'x', y/file").orFail().stdout())
                    .isEqualTo("from the host\n");
            shell.sh("echo back >\"/mnt/ünï 'x', y/inner/answer\"").orFail();
            assertThat(inner.resolve("answer")).hasContent("back");
            assertThat(shell.sh("echo no >/nix/.ro-store/file").exitCode()).isNotZero();
            shell.sh("echo changed >/nix/store/file; cat /nix/store/file /run/data/file")
                    .orFail();
            assertThat(data.resolve("file")).hasContent("from the host");
            assertThat(shell.exec("cat", "/nix/store/file").stdout()).isEqualTo("changed\n");
            assertThat(shell.exec("ls", "-A", "/srv/empty: 'one'").orFail().stdout())
                    .isEmpty();
            shell.exec("mount", "-t", "9p", "-o", "trans=virtio,version=9p2000.L", "offered", "/mnt")
                    .orFail();
        }
    }

    @Test
    void aMountPointThatCannotBeMadeFailsTheStepWithItsName() throws Exception {
        VmSpec spec = VmSpec.builder()
                .from(PLAIN)
                .addShares(NinePShare.of("data", folder).mountedAt("/etc/passwd/below"))
                .build();
        try (BootedGuest guest = BootedGuest.spawn(spec, folder)) {
            guest.control().awaitHello(BootedGuest.LIMIT);

            assertThatThrownBy(() -> guest.mount(spec))
                    .isInstanceOfSatisfying(StepFailedException.class, failed -> {
                        assertThat(failed.step()).contains("/etc/passwd/below");
                        assertThat(failed.exitCode()).isNotZero();
                        assertThat(failed.output()).isNotEmpty();
                    })
                    .hasMessageContaining("share \"data\" at /etc/passwd/below")
                    .hasMessageContaining("the mount point is not there and cannot be made")
                    .hasMessageContaining("Not a directory");
        }
    }

    @Test
    void theUserNetworkReachesTheHost() throws Exception {
        VmSpec spec = VmSpec.builder()
                .from(PLAIN)
                .addInterfaces(UserNetwork.builder().build())
                .build();
        try (BootedGuest guest = BootedGuest.ready(spec, folder);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var unused = CompletableFuture.runAsync(() -> {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write("hello guest\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });

            assertThat(guest.shell()
                            .exec("/run/microvm/busybox", "nc", "10.0.2.2", String.valueOf(server.getLocalPort()))
                            .orFail()
                            .stdout())
                    .isEqualTo("hello guest\n");
            assertThat(guest.shell().exec("cat", "/etc/resolv.conf").stdout()).isEqualTo("nameserver 10.0.2.3\n");
        }
    }

    @Test
    void anErrorOfTheInitIsOnTheConsoleAndEndsTheGuestAtOnce() throws Exception {
        Path busybox = StaticBusybox.find(System.getenv()).value().orElseThrow();
        Path initramfs = Files.write(
                folder.resolve("initrd"),
                Initramfs.build(
                        Files.readAllBytes(busybox), Map.of("broken", "no module".getBytes(StandardCharsets.UTF_8))));

        try (BootedGuest guest = BootedGuest.spawn(PLAIN, folder, Optional.of(initramfs))) {
            assertThatThrownBy(() -> guest.control().awaitHello(BootedGuest.LIMIT))
                    .isInstanceOf(IOException.class);
            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(20))).isTrue();
            assertThat(guest.console().text()).contains("microvm-init: cannot load module 00-broken.ko");
        }
    }

    @Test
    void aWaitForTheFirstWordEndsWithQemu() throws Exception {
        try (BootedGuest guest = BootedGuest.spawn(PLAIN, folder)) {
            CompletableFuture<Long> failed = new CompletableFuture<>();
            Thread waiting = new Thread(() -> {
                try {
                    guest.control().awaitHello(BootedGuest.LIMIT);
                } catch (IOException | InterruptedException | java.util.concurrent.TimeoutException e) {
                    failed.complete(System.nanoTime());
                }
            });
            waiting.start();
            assertThat(guest.console().awaitFirstByte(BootedGuest.LIMIT, new CompletableFuture<>()))
                    .isTrue();
            long killed = System.nanoTime();
            guest.qemu().destroyForcibly();

            assertThat(Duration.ofNanos(failed.get(10, TimeUnit.SECONDS) - killed))
                    .isLessThan(Duration.ofMillis(200));
        }
    }

    @Test
    void theLoopOutlivesAHostThatHasGone() throws Exception {
        // Nobody reads the control port any more; the guest must neither end nor spin.
        try (BootedGuest guest = BootedGuest.ready(PLAIN, folder)) {
            guest.shell().start(ExecRequest.of("sleep", "1000"));
            guest.control().close();

            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(3))).isFalse();
            guest.pressPowerButton();
            assertThat(guest.awaitQemuEnd(Duration.ofSeconds(20))).isTrue();
        }
    }
}
