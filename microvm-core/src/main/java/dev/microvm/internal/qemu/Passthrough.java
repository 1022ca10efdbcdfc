/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.PciPassthrough;

/** PCI devices of the host; {@link SpecRelations} sees to it that the machine has PCI. */
final class Passthrough implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        for (PciPassthrough device : in.spec().passthrough()) {
            out.option(
                    "-device",
                    OptionList.of("vfio-pci").with("host", device.host()),
                    "a PCI device of the host, by VFIO");
        }
    }
}
