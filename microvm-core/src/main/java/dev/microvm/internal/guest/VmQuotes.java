/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What a failure quotes of the VM beyond its console.
 *
 * @param service the last lines of a service that died, its name in brackets in front
 * @param cure what that service says is to be done now; may be empty
 * @param stderr the last lines of QEMU's standard error
 * @param commandLine QEMU's command line
 * @param gone completes, with a sentence, when the VM has ended
 */
public record VmQuotes(
        Supplier<List<String>> service,
        Supplier<String> cure,
        Supplier<List<String>> stderr,
        Supplier<List<String>> commandLine,
        CompletionStage<String> gone) {
    /** A dying QEMU closes its sockets before its exit code is known; this much later it is. */
    private static final long EXIT_CODE_FOLLOWS_MILLIS = 100;

    /** Nothing: for guests whose QEMU is not ours. */
    static VmQuotes none() {
        return new VmQuotes(List::of, () -> "", List::of, List::of, new CompletableFuture<>());
    }

    /** {@return why the VM went, in better words than those of the first connection that broke, where there are any} */
    String whyItWent(String seen) {
        try {
            return gone.toCompletableFuture().get(EXIT_CODE_FOLLOWS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return seen;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return seen;
        }
    }
}
