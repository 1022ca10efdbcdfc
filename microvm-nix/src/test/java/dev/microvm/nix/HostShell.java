/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestProcess;
import dev.microvm.guest.GuestShell;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a guest's commands on the host, with a private store in the place of the guest's; input is written while the program runs. */
final class HostShell implements GuestShell {
    private final NixStore guestStore;
    private final List<ExecRequest> requests = new ArrayList<>();

    HostShell(NixStore guestStore) {
        this.guestStore = guestStore;
    }

    List<ExecRequest> requests() {
        return requests;
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        requests.add(request);
        long begin = System.nanoTime();
        try {
            Process process = new ProcessBuilder(NixEnvironment.apply(guestStore, Map.of(), request.command()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                if (request.stdin().isPresent()) {
                    request.stdin().get().writeTo(in);
                }
            } catch (IOException e) {
                // As in a guest: a program that ends without reading its input is nobody's error.
            }
            byte[] stderr = process.getErrorStream().readAllBytes();
            return ExecResult.of(
                    request.command(),
                    process.waitFor(),
                    new byte[0],
                    stderr,
                    Duration.ofNanos(System.nanoTime() - begin));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public GuestProcess start(ExecRequest request) {
        throw new UnsupportedOperationException();
    }
}
