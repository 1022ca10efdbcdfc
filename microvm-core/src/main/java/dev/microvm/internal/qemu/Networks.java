/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VmSpec;
import java.util.List;
import java.util.Locale;

/**
 * Network interfaces. Where there are none and a forward needs one, a user network is implied; {@link SpecRelations} sees to it that
 * forwards have one.
 */
final class Networks implements DeviceFamily {
    /** {@return the interfaces of a spec, the implied one included} */
    static List<NetworkInterface> of(VmSpec spec) {
        if (spec.interfaces().isEmpty() && !spec.forwards().isEmpty()) {
            return List.of(UserNetwork.builder().build());
        }
        return spec.interfaces();
    }

    @Override
    public void render(Rendering in, Arguments out) {
        boolean forwarded = in.spec().forwards().isEmpty();
        int index = 0;
        for (NetworkInterface network : of(in.spec())) {
            OptionList netdev;
            String reason;
            if (network instanceof UserNetwork user) {
                netdev = user(user);
                reason = "user-mode network, no privileges";
                if (!forwarded) {
                    Forwards.addTo(netdev, in);
                    reason += "; the forwards of the spec";
                    forwarded = true;
                }
            } else {
                netdev = tap((TapNetwork) network);
                reason = "a tap device that exists already; no script is run";
            }
            out.option("-netdev", netdev, reason);
            out.option("-device", device(in, network, index++), "the guest's interface");
        }
    }

    private static OptionList user(UserNetwork network) {
        OptionList list = OptionList.of("user").with("id", network.id());
        if (network.restrict()) {
            list.with("restrict", true);
        }
        return list;
    }

    private static OptionList tap(TapNetwork network) {
        OptionList list = OptionList.of("tap")
                .with("id", network.id())
                .with("ifname", network.device())
                .with("script", "no")
                .with("downscript", "no");
        if (network.vhost()) {
            list.with("vhost", true);
        }
        return list;
    }

    private static OptionList device(Rendering in, NetworkInterface network, int index) {
        OptionList list = in.device("virtio-net")
                .with("netdev", network.id())
                .with("mac", network.mac().orElseGet(() -> mac(in.spec(), network, index)));
        if (VirtioTransport.of(in.machine()) == VirtioTransport.PCI) {
            // The option ROM is there to boot from the network; virtio-mmio devices have none.
            list.with("romfile", "");
        }
        return list;
    }

    /**
     * A locally administered address. Behind SLIRP every VM is alone; on a tap's bridge others are near, so the VM's name goes in.
     */
    private static String mac(VmSpec spec, NetworkInterface network, int index) {
        int name = network instanceof TapNetwork ? spec.name().hashCode() : 0;
        return String.format(
                Locale.ROOT,
                "02:%02x:%02x:%02x:%02x:%02x",
                name >>> 24,
                name >>> 16 & 0xff,
                name >>> 8 & 0xff,
                name & 0xff,
                index + 1);
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return of(spec).size();
    }
}
