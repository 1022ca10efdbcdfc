/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

/**
 * QEMU's monitor. The short form {@code -qmp unix:PATH} means the same, but reads a path with an equals sign in it as a key and a
 * value.
 */
final class Qmp implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        out.option(
                "-chardev",
                OptionList.of("socket")
                        .with("id", "qmp")
                        .with("path", in.paths().qmpSocket()),
                "we listen and QEMU connects: nothing to poll for, no stale socket");
        out.option("-mon", OptionList.of("chardev", "qmp").with("mode", "control"), "QMP, the monitor for programs");
    }
}
