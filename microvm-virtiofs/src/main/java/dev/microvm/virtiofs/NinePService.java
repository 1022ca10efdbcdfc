/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spi.HostService;
import java.time.Duration;
import java.util.List;

/** The checks of a 9p share where this module is there; QEMU serves it without any service. */
record NinePService(NinePExport export) implements HostService {
    @Override
    public String name() {
        return "9p " + export.share().tag();
    }

    @Override
    public List<Problem> check() {
        // The folder and who may enter it is looked at in every preflight, with this module or without.
        return export.problems().stream()
                .filter(problem -> !problem.subject().endsWith("].source"))
                .toList();
    }

    @Override
    public List<String> choices() {
        return export.notes();
    }

    @Override
    public void start(Duration limit) {
        // nothing runs
    }

    @Override
    public void close() {
        // nothing runs
    }
}
