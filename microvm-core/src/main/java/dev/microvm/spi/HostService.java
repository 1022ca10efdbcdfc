/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import dev.microvm.error.Problem;
import dev.microvm.guest.GuestShell;
import dev.microvm.spec.DaemonDeath;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Something on the host that lives as long as a VM: it is checked, started before QEMU, watched, and closed after QEMU has gone, in
 * reverse order.
 */
public interface HostService extends AutoCloseable {
    /** {@return a name for messages, such as {@code virtiofsd persistent}} */
    String name();

    /** {@return every problem that would keep it from starting; looks only, changes nothing} */
    List<Problem> check();

    /** {@return what it has chosen and why, a sentence each, known from {@link #check} on; by default nothing} */
    default List<String> choices() {
        return List.of();
    }

    /**
     * Starts it and returns when it is ready for QEMU.
     *
     * @param limit how long that may take
     * @throws ServiceFailedException if it does not come up, with the program's own words
     * @throws InterruptedException if the calling thread is interrupted
     */
    void start(Duration limit) throws InterruptedException;

    /**
     * Called once when every service has started and QEMU is to be started next: returns when it is still, or again, ready for QEMU.
     * By default it is taken for ready.
     *
     * @param limit how long that may take
     * @throws ServiceFailedException if it is not and cannot be made so
     * @throws InterruptedException if the calling thread is interrupted
     */
    default void beforeQemu(Duration limit) throws InterruptedException {}

    /**
     * Called once when the guest has mounted everything; default: nothing.
     *
     * @param shell runs commands in the guest, whose root is the final one by now
     * @param limit how long that may take
     */
    default void guestMounted(GuestShell shell, Duration limit) {}

    /** {@return a stage that completes with a sentence when the service dies by itself; by default never} */
    default CompletionStage<String> died() {
        return new CompletableFuture<>();
    }

    /** {@return what becomes of a running VM when it dies; by default the VM fails} */
    default DaemonDeath onDeath() {
        return DaemonDeath.FAIL_VM;
    }

    /** {@return the last lines of what it wrote to standard error, for the report where it dies; by default none} */
    default List<String> stderrTail() {
        return List.of();
    }

    /** {@return the cure where it has died by itself, as far as it is known; by default none: the empty string} */
    default String deathHint() {
        return "";
    }

    /** Stops it and removes what it left behind; can be called in every state, more than once, and waits for seconds at most. */
    @Override
    void close();
}
