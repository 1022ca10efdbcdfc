/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Problem;
import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.internal.storage.UpperFolder;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other VMs off an upper layer that is on a share, as QEMU's own lock keeps them off a volume: a program under the lifeline, which
 * lives as long as virtiofsd and QEMU however this JVM ends, holds flock(2) on the folder. Nothing is written into the folder, which is the
 * guest's, and the kernel lets the lock of a dead program go.
 *
 * <p>The lock is on that one folder: an upper layer inside or above another VM's is not seen.
 */
final class UpperLayerLock implements HostService {
    private static final String LOCKED = "locked";
    private static final int IN_USE = 75;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    /** {@code /.} lets nothing but a folder be opened; the sleep inherits the descriptor, and no number is larger everywhere. */
    private static final String HOLD = """
            exec 3<"$1/." || exit 1
            flock -n -E %d 3 || exit
            echo %s >&2
            exec sleep 2147483647
            """.formatted(IN_USE, LOCKED);

    private final HostContext context;
    private final UpperFolder upper;
    private final String id;
    /** Closing a host closes it from another thread than the one that starts it. */
    private volatile @Nullable SupervisedProcess holder;

    private UpperLayerLock(HostContext context, UpperFolder upper, String id) {
        this.context = context;
        this.upper = upper;
        this.id = id;
    }

    /** {@return those of a spec} */
    static List<HostService> of(VmSpec spec, HostContext context) {
        List<HostService> locks = new ArrayList<>();
        spec.storeOverlays()
                .forEach(overlay -> UpperFolder.of(spec, overlay)
                        .ifPresent(upper -> locks.add(new UpperLayerLock(context, upper, "upper-" + locks.size()))));
        return locks;
    }

    @Override
    public String name() {
        return "the lock on the upper layer of " + upper.overlay().mountPoint();
    }

    @Override
    public List<Problem> check() {
        return ProgramSearch.find("flock", context.environment()).isPresent()
                ? List.of()
                : List.of(new Problem(
                        "flock",
                        "not in PATH; it keeps other VMs off an upper layer that is on a share",
                        "install util-linux"));
    }

    @Override
    public void start(Duration limit) throws InterruptedException {
        SupervisedProcess started =
                context.spawn(id, List.of("sh", "-c", HOLD, "sh", upper.onHost().toString()), Map.of());
        holder = started;
        CompletableFuture<Integer> exit = started.exit().toCompletableFuture();
        long begin = System.nanoTime();
        while (!started.stderrTail().contains(LOCKED)) {
            if (System.nanoTime() - begin >= limit.toNanos()) {
                throw failed(
                        "is not there after " + limit.toMillis() + " ms", started, "is its file system reachable?");
            }
            try {
                int code = exit.get(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                throw code == IN_USE
                        ? failed(
                                "is not to be had: another overlay, of this VM or of another one, has its upper layer there",
                                started,
                                "stop that VM, or give each overlay an upper folder of its own: what two make of one is"
                                        + " undefined")
                        : failed(
                                "is not to be had: its program ended with exit code " + code,
                                started,
                                "where this file system knows no flock(2) on folders (NFS), use a local one, or a Volume");
            } catch (TimeoutException e) {
                // still running: look again
            } catch (ExecutionException e) {
                throw new IllegalStateException("the watch over " + name() + " failed", e);
            }
        }
    }

    private ServiceFailedException failed(String what, SupervisedProcess program, String hint) {
        return new ServiceFailedException(name() + ", " + upper.onHost() + ", " + what, program.stderrTail(), hint);
    }

    /** That somebody has killed the sleep is no reason to take the VM down, which has all it needs: {@link #died} stays silent. */
    @Override
    public void close() {
        SupervisedProcess started = holder;
        if (started != null) {
            started.stop(Duration.ofSeconds(2));
        }
    }
}
