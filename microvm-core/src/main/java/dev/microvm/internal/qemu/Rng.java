/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.VmSpec;

/** Entropy: guests without RDRAND would wait for it, and all start from the same state after a template. */
final class Rng implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        out.option(
                "-object", OptionList.of("rng-builtin").with("id", "rng0"), "the host's getrandom(2); no file to open");
        out.option("-device", in.device("virtio-rng").with("rng", "rng0"), "entropy for the guest");
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return 1;
    }
}
