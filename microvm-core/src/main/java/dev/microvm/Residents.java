/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The starts and the VMs of one host, so that closing the host ends all of them: starts under way are interrupted and waited for, VMs are
 * stopped side by side.
 */
final class Residents {
    /** An interrupted start undoes what it has done: services and QEMU end within seconds, or are killed. */
    private static final Duration UNDO_LIMIT = Duration.ofSeconds(30);

    /**
     * A VM that was not stopped in order.
     *
     * @param vm the VM
     * @param failure what {@link MicroVm#stop()} threw
     */
    record Unstopped(MicroVm vm, Throwable failure) {}

    private final Set<Thread> starting = new HashSet<>();
    private final Set<MicroVm> running = new HashSet<>();
    private boolean closed;

    /** Registers the calling thread as one that starts a VM. */
    synchronized void beginStart() {
        if (closed) {
            throw new IllegalStateException("this VmHost is closed");
        }
        starting.add(Thread.currentThread());
    }

    synchronized void endStart() {
        starting.remove(Thread.currentThread());
        notifyAll();
    }

    synchronized void add(MicroVm vm) {
        running.add(vm);
    }

    synchronized void remove(MicroVm vm) {
        running.remove(vm);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** {@return the VMs that were not stopped in order; empty where an earlier call has closed the host} */
    Optional<List<Unstopped>> close() {
        List<MicroVm> vms;
        synchronized (this) {
            if (closed) {
                return Optional.empty();
            }
            closed = true;
            starting.forEach(Thread::interrupt);
            awaitStarts();
            vms = List.copyOf(running);
        }
        return Optional.of(stopSideBySide(vms));
    }

    private void awaitStarts() {
        boolean interrupted = false;
        long end = System.nanoTime() + UNDO_LIMIT.toNanos();
        // A start that closes its own host (from a listener) must not wait for itself.
        while (starting.stream().anyMatch(thread -> thread != Thread.currentThread()) && System.nanoTime() < end) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, end - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each VM's ladder may take its whole limit, so they climb at the same time; a failing one does not keep the others running. */
    private static List<Unstopped> stopSideBySide(List<MicroVm> vms) {
        List<Unstopped> unstopped = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (MicroVm vm : vms) {
            Thread thread = new Thread(vm::stop, "microvm-stop-" + vm.spec().name());
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((stopping, failure) -> unstopped.add(new Unstopped(vm, failure)));
            thread.start();
            threads.add(thread);
        }
        threads.forEach(Residents::join);
        return List.copyOf(unstopped);
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) { // limited by the ladder of the VM
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
