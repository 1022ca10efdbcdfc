/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.guest.GuestShell;
import dev.microvm.spec.DaemonDeath;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.ServiceFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One virtiofsd for one share: ready when it is started, watched from then on. A VM of this library has one for each of its
 * {@link VirtiofsShare}s; whoever runs QEMU by other means starts one by {@link #start(VirtiofsShare)}.
 *
 * <p>It serves one QEMU once: when that disconnects it ends by itself, and a daemon that died under a guest cannot be replaced, for
 * the protocol has no way back. So {@link #died()} is the end of the share. It also completes when QEMU ended first: whoever acts on
 * it should look at QEMU before. A daemon that dies before QEMU has connected is started again, three times at most.
 */
public final class Virtiofsd implements HostService {
    /** Of {@link #start(VirtiofsShare)}: from start to ready takes under 40 ms. */
    static final Duration START_LIMIT = Duration.ofSeconds(20);

    private final VirtiofsShare share;
    private final DaemonHome home;
    private final Caller caller;
    private final DaemonLife life;
    private final AtomicBoolean homeClosed = new AtomicBoolean();
    private volatile @Nullable DaemonPlan plan;

    Virtiofsd(VirtiofsShare share, DaemonHome home, Caller caller) {
        this.share = share;
        this.home = home;
        this.caller = caller;
        this.life = new DaemonLife(name(), share, home);
    }

    /**
     * {@return the daemon of a share, not yet started}
     *
     * @param share what it shares and how
     * @param context where its socket is, how programs are started, and who QEMU runs as
     */
    public static Virtiofsd of(VirtiofsShare share, HostContext context) {
        return new Virtiofsd(share, DaemonHome.of(context, share), Caller.current());
    }

    /**
     * Starts the daemon of a share for a QEMU that somebody else runs, in a folder of its own below {@code XDG_RUNTIME_DIR}, else below the
     * folder for temporary files; see {@link #start(VirtiofsShare, Path)}.
     *
     * @param share what it shares and how; its mount point is of no account here, for the guest is not this library's
     * @return the running daemon, ready for one QEMU to connect; close it, or it ends with this JVM
     * @throws ServiceFailedException if there is no daemon that can do what the share needs, or it ends or is not ready within 20 s
     * @throws InterruptedException if the calling thread is interrupted; nothing is left behind
     */
    public static Virtiofsd start(VirtiofsShare share) throws InterruptedException {
        return start(share, OwnHome.newFolder(System.getenv()));
    }

    /**
     * Starts the daemon of a share for a QEMU that somebody else runs. Its socket, its pid file and its output are in a folder that goes with
     * the daemon, however this JVM ends. The folder is closed to others (mode 0700), but passable (0711) where the share names a
     * {@code socketGroup}.
     *
     * @param share what it shares and how; its mount point is of no account here, for the guest is not this library's
     * @param folder made, and removed at the end: it must not exist, its parent must; at most 99 bytes long, for the socket's sake
     * @return the running daemon, ready for one QEMU to connect; close it, or it ends with this JVM
     * @throws ServiceFailedException if there is no daemon that can do what the share needs, it ends or is not ready within 20 s, or the folder
     *     cannot be made
     * @throws InterruptedException if the calling thread is interrupted; nothing is left behind
     */
    public static Virtiofsd start(VirtiofsShare share, Path folder) throws InterruptedException {
        OwnHome home = OwnHome.in(folder, share.tag(), System.getenv());
        Virtiofsd daemon = new Virtiofsd(share, home, Caller.current());
        boolean started = false;
        try {
            if (share.daemon().socketGroup().isPresent()) {
                Files.setPosixFilePermissions(home.folder(), PosixFilePermissions.fromString("rwx--x--x"));
            }
            daemon.start(START_LIMIT);
            started = true;
            return daemon;
        } catch (IOException e) {
            throw DaemonLife.failure("cannot open " + home.folder() + " to a group: " + e, e);
        } finally {
            if (!started) {
                daemon.close();
            }
        }
    }

    @Override
    public String name() {
        return "virtiofsd " + share.tag();
    }

    /** {@return the socket at which it listens until QEMU has connected} */
    public Path socket() {
        return home.socket();
    }

    /**
     * {@return what a QEMU command line must say to have the share: its socket and its device} The machine must also share its memory with the
     * daemon; see {@link #sharedMemoryArguments}.
     *
     * @param machine decides between the device's forms: on virtio-mmio for {@link MachineType#MICROVM}, on PCI for the others
     */
    public List<String> qemuArguments(MachineType machine) {
        return QemuSide.share(share, socket(), machine);
    }

    /**
     * {@return what a QEMU command line must say, once for all shares, to share the guest's memory with the daemons: without it the guest
     * mounts a share and then hangs} On {@link MachineType#MICROVM} the older virtio of that machine must be switched off, too.
     *
     * @param machine the machine; its {@code -M} or {@code -machine} may stand elsewhere on the line
     * @param memoryMib the guest's memory, which {@code -m} must say, too
     */
    public static List<String> sharedMemoryArguments(MachineType machine, int memoryMib) {
        return QemuSide.sharedMemory(machine, memoryMib);
    }

    /**
     * {@return what keeps it from starting: no daemon, or one that lacks an option the share needs; a source that is not there or not
     * accessible; ids that cannot be had; a socket path that is too long} An interrupt makes it return early with no problem, for nothing has
     * been found out; the flag is set again, and whoever plans asks it.
     */
    @Override
    public List<Problem> check() {
        try {
            DaemonPlan found = DaemonPlan.of(share, home, caller);
            plan = found;
            return found.problems();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** {@return which daemon it is, how it shuts itself in, how it remembers files and who owns what, each with the reason} */
    @Override
    public List<String> choices() {
        DaemonPlan found = plan;
        return found == null ? List.of() : found.choices();
    }

    /**
     * Starts the daemon and returns when QEMU can connect to it. Where it throws, nothing is left behind.
     *
     * @param limit how long that may take from the start of the program
     * @throws ServiceFailedException if there is no daemon that can do what the share needs, or it ends or is not ready in time
     * @throws IllegalStateException if it was started or closed before
     * @throws InterruptedException if the calling thread is interrupted
     */
    @Override
    public void start(Duration limit) throws InterruptedException {
        life.begin();
        DaemonPlan decided = plan;
        if (decided == null || !decided.problems().isEmpty()) {
            decided = DaemonPlan.of(share, home, caller);
            plan = decided;
        }
        boolean up = false;
        try {
            decided.require(share);
            life.launch(decided, limit);
            up = true;
        } finally {
            if (!up) {
                close();
            }
        }
    }

    /** Tags may hold any character but blanks, names of processes only some; the number keeps two such tags apart. */
    static String processName(String tag) {
        String plain = tag.replaceAll("[^A-Za-z0-9._-]", "_");
        return "virtiofsd-" + plain + (plain.equals(tag) ? "" : "-" + Integer.toHexString(tag.hashCode()));
    }

    /**
     * Makes sure that QEMU will find its socket: waits where the daemon is being started again, and starts it again where somebody has removed
     * the socket, for nobody has connected yet.
     */
    @Override
    public void beforeQemu(Duration limit) throws InterruptedException {
        life.beforeQemu(limit);
    }

    @Override
    public void guestMounted(GuestShell shell, Duration limit) {
        life.connected();
    }

    /** {@return the last lines the daemon wrote to standard error, at most 50; none before it is started} */
    @Override
    public List<String> stderrTail() {
        return life.stderrTail();
    }

    /** {@return a stage that completes with a sentence when the daemon ends for good, with whatever code, before it is closed} */
    @Override
    public CompletionStage<String> died() {
        return life.died();
    }

    /** {@return that the share is gone for that VM, what of it is safe, and how to see why} */
    @Override
    public String deathHint() {
        return "a guest cannot have a share back: start the VM again. What it had synced is in " + share.source()
                + ". Exit codes 137 and 247 are a SIGKILL, also the kernel's for want of memory (see dmesg). With onDeath FREEZE_VM such"
                + " a VM stays to be looked at";
    }

    /** {@return what the share says} */
    @Override
    public DaemonDeath onDeath() {
        return share.onDeath();
    }

    /** Stops the daemon with a grace of 2 s and removes its socket and its pid file, which it never does itself. */
    @Override
    public void close() {
        try {
            life.close();
        } finally {
            if (!homeClosed.getAndSet(true)) {
                home.close();
            }
        }
    }
}
