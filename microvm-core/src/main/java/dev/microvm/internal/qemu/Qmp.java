/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

/** QEMU's monitor. */
final class Qmp implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        out.option(
                "-qmp",
                OptionList.of("unix:" + in.paths().qmpSocket()),
                "we listen and QEMU connects: nothing to poll for, no stale socket");
    }
}
