/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A device of the host that a golden case needs and that a host may lack.
 *
 * @param words the arguments that ask for it
 * @param refusal all that QEMU says where the host lacks it, from beginning to end (each was seen on 7.2.22)
 * @param instead what QEMU is given in their place to see whether it accepts all other arguments
 */
record MissingDevice(List<String> words, Pattern refusal, List<String> instead) {
    private static final String ERRNO =
            "(No such file or directory|No such device|Permission denied|Operation not permitted)";

    private static final Map<String, MissingDevice> BY_CASE = Map.of(
            "kvm",
            of(
                    List.of("-accel", "kvm", "-cpu", "host"),
                    // No module or no right; or, in some guests that are hosts, a KVM that opens and then fails.
                    "Could not access KVM kernel module: " + ERRNO
                            + "\nQEMU: -accel kvm: failed to initialize kvm: \\1\n"
                            + "|QEMU: error: failed to set MSR 0x[0-9a-f]+ to 0x[0-9a-f]+\n"
                            + "QEMU: \\S+/kvm\\.c:\\d+: kvm_buf_set_msrs: Assertion `ret == cpu->kvm_msr_buf->nmsrs' failed\\.\n",
                    List.of("-accel", "tcg", "-cpu", "max")),
            "tap",
            of(
                    List.of("-netdev", "tap,id=net1,ifname=golden-tap,script=no,downscript=no"),
                    "QEMU: -netdev tap,id=net1,ifname=golden-tap,script=no,downscript=no: could not"
                            + " (open /dev/net/tun|configure /dev/net/tun \\(golden-tap\\)): " + ERRNO + "\n",
                    List.of("-netdev", "user,id=net1")),
            "q35-passthrough",
            of(
                    List.of("-device", "vfio-pci,host=0000:ff:1f.7"),
                    "QEMU: -device vfio-pci,host=0000:ff:1f\\.7: vfio /sys/bus/pci/devices/0000:ff:1f\\.7: no such host device: "
                            + ERRNO + "\n",
                    List.of()),
            "vsock",
            of(
                    List.of("-device", "vhost-vsock-device,guest-cid=42"),
                    "QEMU: -device vhost-vsock-device,guest-cid=42: vhost-vsock: failed to open vhost device: " + ERRNO
                            + "\n",
                    List.of()));

    private static MissingDevice of(List<String> words, String refusal, List<String> instead) {
        return new MissingDevice(words, Pattern.compile(refusal.replace("QEMU: ", "qemu-system-x86_64: ")), instead);
    }

    /** {@return the device that a case needs} */
    static Optional<MissingDevice> of(GoldenCase golden) {
        return Optional.ofNullable(BY_CASE.get(golden.name()));
    }

    /** {@return a command line that asks for everything but this device} */
    List<String> replacedIn(List<String> arguments) {
        int at = Collections.indexOfSubList(arguments, words);
        assertThat(at).as("%s in %s", words, arguments).isNotNegative();
        List<String> others = new ArrayList<>(arguments.subList(0, at));
        others.addAll(instead);
        others.addAll(arguments.subList(at + words.size(), arguments.size()));
        return others;
    }
}
