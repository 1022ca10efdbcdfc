/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.nio.file.Path;

/**
 * QEMU's monitor for programs. {@code -qmp unix:PATH} is understood without a warning from 7.2 to 11.1, which calls {@code -mon}
 * deprecated; but it reads a path with an equals sign in it as a key and a value, and there only the long form helps.
 */
final class Qmp implements DeviceFamily {
    private static final String REASON = "we listen and QEMU connects: nothing to poll for, no stale socket";

    @Override
    public void render(Rendering in, Arguments out) {
        Path socket = in.paths().qmpSocket();
        if (!socket.toString().contains("=")) {
            out.option("-qmp", OptionList.of("unix:" + socket), REASON);
            return;
        }
        out.option("-chardev", OptionList.of("socket").with("id", "qmp").with("path", socket), REASON);
        out.option("-mon", OptionList.of("chardev", "qmp").with("mode", "control"), "QMP, the monitor for programs");
    }
}
