/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.GuestShell;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the paths of a dump valid in a guest, by its own {@code nix-store --load-db} with the dump as standard input: nothing stands in a
 * file on either side. What the guest's database already holds stays.
 *
 * <p>Nix reads the whole text before it registers anything, in one transaction: after a failure nothing is loaded. Under TCG count 3 s for
 * 1000 paths, and more where the dump has {@code .drv} files, each of which Nix reads.
 */
public final class StoreLoad {
    private final StoreDump dump;
    private final String program;

    private StoreLoad(StoreDump dump, String program) {
        this.dump = dump;
        this.program = program;
    }

    /**
     * {@return a load of a dump by the {@code nix-store} on the guest's {@code PATH}}
     *
     * @param dump usable again for other guests
     */
    public static StoreLoad of(StoreDump dump) {
        return new StoreLoad(dump, "nix-store");
    }

    /**
     * {@return the same by another program of the guest, a path or a name on its {@code PATH}}
     *
     * @param program one that understands {@code --load-db}
     */
    public StoreLoad withProgram(String program) {
        return new StoreLoad(dump, program);
    }

    /**
     * What was loaded.
     *
     * @param paths how many paths the dump held
     * @param bytes the size of its text
     * @param elapsed how long the guest took
     */
    public record Report(long paths, long bytes, Duration elapsed) {}

    /**
     * Loads the dump and waits for the guest to have done it.
     *
     * @param shell of the guest whose database is filled; its store must hold the paths, which Nix does not check
     * @param limit how long that may take; then the guest's program is killed, and nothing is loaded
     * @return what was loaded
     * @throws dev.microvm.error.GuestCommandException if the guest has no such program or it fails, with its own words
     * @throws dev.microvm.error.VmTimeoutException if the limit ran out
     * @throws dev.microvm.error.VmExitedException if the VM or its control connection ended
     * @throws dev.microvm.error.VmCancelledException if the calling thread is interrupted
     */
    public Report into(GuestShell shell, Duration limit) {
        AtomicLong bytes = new AtomicLong();
        ExecRequest request = ExecRequest.builder()
                .addCommand(program, "--load-db")
                .putEnvironment("NIX_REMOTE", "local") // a daemon does not take this command
                .stdin(out -> bytes.set(dump.writeTo(out)))
                .limit(limit)
                .build();
        Duration elapsed = shell.exec(request).orFail().elapsed();
        return new Report(dump.paths(), bytes.get(), elapsed);
    }
}
