/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.Preflight;
import dev.microvm.VmExit;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestProcess;
import dev.microvm.guest.GuestShell;
import dev.microvm.nix.DatabaseDelivery;
import dev.microvm.nix.NixStore;
import dev.microvm.nix.NixStoreSharing;
import dev.microvm.nix.StoreDatabase;
import dev.microvm.nix.StoreDump;
import dev.microvm.nix.StoreLoad;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.RunState;
import dev.microvm.qmp.model.StatusInfo;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The steps of {@link DevVm}, in their order; each states the facts it has seen. */
final class DevVmJob {
    private static final int GUEST_PORT = 7777;
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(10);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(30);

    private final Report report;
    private final NixStore store;
    private final Path persistent;
    private final int vcpus;
    private final int memoryMib;
    private final boolean ninePOnly;
    private final boolean interactive;

    DevVmJob(
            Report report,
            NixStore store,
            Path persistent,
            int vcpus,
            int memoryMib,
            boolean ninePOnly,
            boolean interactive) {
        this.report = report;
        this.store = store;
        this.persistent = persistent;
        this.vcpus = vcpus;
        this.memoryMib = memoryMib;
        this.ninePOnly = ninePOnly;
        this.interactive = interactive;
    }

    void run() throws IOException, InterruptedException {
        StoreContent content = StoreContent.putInto(store);
        report.say("in the store: " + content.letter() + ", which refers to " + content.greeting());
        Files.createDirectories(persistent);
        HostWitness before = HostWitness.of(store, content);
        Leftovers leftovers;
        String added;

        try (VmHost host = VmHost.create()) {
            Share persistentFolder = persistentShare();
            LaunchOptions options = options(host, persistentFolder);
            NixStoreSharing sharing = sharing();
            // README: first example
            PortForward service = PortForward.hostToGuest(0, GUEST_PORT);
            VmSpec spec = VmSpec.builder()
                    .name("dev")
                    .vcpus(vcpus)
                    .memoryMib(memoryMib)
                    .boot(BootSource.hostRoot())
                    .addShares(persistentFolder)
                    .addForwards(service)
                    .addExtensions(sharing)
                    .build();
            try (MicroVm vm = host.start(spec, options)) {
                // README: end of the first example
                leftovers = Leftovers.of(vm);
                added = use(vm, service, content);
            }
        }
        lookAtTheHost(content, before, added, leftovers);
    }

    /** {@return whether a start would have no problem; what it would do is printed, with a reason for each of QEMU's arguments} */
    boolean explain() throws IOException, InterruptedException {
        StoreContent.putInto(store);
        Files.createDirectories(persistent);
        try (VmHost host = VmHost.create()) {
            Share persistentFolder = persistentShare();
            VmSpec spec = VmSpec.builder()
                    .name("dev")
                    .vcpus(vcpus)
                    .memoryMib(memoryMib)
                    .boot(BootSource.hostRoot())
                    .addShares(persistentFolder)
                    .addForwards(PortForward.hostToGuest(0, GUEST_PORT))
                    .addExtensions(sharing())
                    .build();
            Preflight preflight = host.preflight(spec, options(host, persistentFolder));
            preflight.explain().lines().forEach(report::say);
            return preflight.ok();
        }
    }

    /** The database is loaded by hand, so that a host path can be seen to be invalid before. */
    private NixStoreSharing sharing() {
        return NixStoreSharing.builder()
                .store(store)
                .databaseDelivery(DatabaseDelivery.ON_DEMAND)
                .build();
    }

    private String use(MicroVm vm, PortForward service, StoreContent content) throws IOException, InterruptedException {
        GuestShell shell = vm.shell();
        loadAndCompare(shell, content);
        writeIntoPersistentFolder(shell);
        String added = addToGuestStore(shell);
        answerThroughTheForward(shell, vm.hostPort(service));
        if (interactive) {
            new InteractiveShell(shell, report).run();
        }
        StatusInfo status = vm.qmp().execute(QueryStatus.of());
        report.fact("QMP says that the VM is running", status.status(), RunState.RUNNING);
        VmExit exit = vm.shutdown(Duration.ofSeconds(60));
        report.say("the VM was ended by: " + exit.rung() + " (" + exit.reason() + ", exit code " + exit.exitCode()
                + ", after " + exit.uptime().toMillis() + " ms)");
        report.fact("the guest shut itself down when asked", exit.orderly());
        return added;
    }

    private Share persistentShare() {
        return ninePOnly
                ? NinePShare.of("persistent", persistent).mountedAt("/persistent")
                : Share.auto("persistent", persistent).mountedAt("/persistent");
    }

    private LaunchOptions options(VmHost host, Share persistentFolder) throws IOException {
        LaunchOptions.Builder options = LaunchOptions.builder().listener(new PhasePrinter(report));
        if (DevVm.isRoot() && isBy9p(host, persistentFolder)) {
            report.say("NOTE: QEMU runs as root: by 9p it is QEMU that writes the persistent folder, which is root's");
            options.qemuUser(LaunchOptions.QemuUser.CALLER);
        }
        return options.build();
    }

    /** What an undecided share becomes is decided by a look at the host. */
    private static boolean isBy9p(VmHost host, Share share) {
        VmSpec alone =
                VmSpec.builder().boot(BootSource.hostRoot()).addShares(share).build();
        return host.preflight(alone).spec().shares().stream().anyMatch(NinePShare.class::isInstance);
    }

    /** A path of the host that lies in the shared store is not valid in the guest before its database says so. */
    private void loadAndCompare(GuestShell shell, StoreContent content) throws IOException, InterruptedException {
        report.fact(
                "the guest sees the file of " + content.letter(),
                shell.exec("cat", content.letter()).stdout(),
                "see " + content.greeting() + "\n");
        // Asked before nix-store is, which would make one.
        report.fact("before the load, the guest has no store database", filesOfTheDatabase(shell), "");
        report.fact(
                "before the load, nix-store --check-validity of a host path fails",
                shell.exec("nix-store", "--check-validity", content.letter()).exitCode() != 0);
        StoreDump dump = StoreDump.of(StoreDatabase.of(store));
        StoreLoad.Report load = StoreLoad.of(dump).into(shell, LOAD_LIMIT);
        report.say("loaded a dump of " + load.paths() + " paths, " + load.bytes() + " bytes, in "
                + load.elapsed().toMillis() + " ms");
        report.fact(
                "after the load, nix-store --check-validity of that path passes",
                shell.exec("nix-store", "--check-validity", content.letter()).exitCode(),
                0);
        List<String> references = shell.exec("nix-store", "--query", "--references", content.letter())
                .orFail()
                .stdout()
                .lines()
                .toList();
        report.fact("references agree with the host's", references, store.nix().references(content.letter()));
    }

    private static String filesOfTheDatabase(GuestShell shell) {
        return shell.sh("[ ! -e /nix/var/nix/db ] || find /nix/var/nix/db -mindepth 1")
                .orFail()
                .stdout();
    }

    private void writeIntoPersistentFolder(GuestShell shell) {
        ExecResult result = shell.sh("echo 'written in the guest' >/persistent/note && sync");
        report.fact("the guest writes into the persistent folder", result.exitCode(), 0);
    }

    private String addToGuestStore(GuestShell shell) {
        String path = shell.sh("echo 'made in the guest' >/tmp/guest-file && nix-store --add /tmp/guest-file")
                .orFail()
                .stdout()
                .strip();
        report.fact(
                "a path added in the guest is valid there: " + path,
                shell.exec("nix-store", "--check-validity", path).exitCode(),
                0);
        return path;
    }

    private void answerThroughTheForward(GuestShell shell, int hostPort) throws IOException, InterruptedException {
        try (GuestProcess server = shell.start(ExecRequest.of(
                "/run/microvm/busybox",
                "nc",
                "-l",
                "-p",
                Integer.toString(GUEST_PORT),
                "-e",
                "/bin/echo",
                "hello from the guest"))) {
            String answer = "";
            long end = System.nanoTime() + CONNECT_LIMIT.toNanos();
            report.say("pid " + server.pid() + " in the guest listens on port " + GUEST_PORT);
            // QEMU accepts a connection before anything listens in the guest, so an empty answer means: not yet.
            while (answer.isEmpty() && System.nanoTime() < end) {
                answer = read(hostPort);
            }
            report.fact("the guest answers on host port " + hostPort, answer.strip(), "hello from the guest");
        }
    }

    private static String read(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
            socket.setSoTimeout(5_000);
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.net.SocketException e) {
            return "";
        }
    }

    private void lookAtTheHost(StoreContent content, HostWitness before, String added, Leftovers leftovers)
            throws IOException {
        Path note = persistent.resolve("note");
        report.fact(
                "on the host the persistent folder holds what the guest wrote",
                Files.exists(note) ? Files.readString(note) : "nothing",
                "written in the guest\n");
        if (Files.exists(note)) {
            report.fact(
                    "it belongs to the caller",
                    Files.getAttribute(note, "unix:uid"),
                    Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        }
        report.fact("the path added in the guest is not in the host's store", !Files.exists(store.physical(added)));
        HostWitness after = HostWitness.of(store, content);
        report.fact("the host's store is untouched", after.storeEntries(), before.storeEntries());
        report.fact(
                "the two paths in it are untouched, in names, modes and bytes",
                after.storeContent(),
                before.storeContent());
        report.fact("the host's database is untouched, byte by byte", after.databaseFiles(), before.databaseFiles());
        leftovers.check(report);
    }
}
