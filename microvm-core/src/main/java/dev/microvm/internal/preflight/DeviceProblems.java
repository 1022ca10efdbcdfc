/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.preflight;

import dev.microvm.error.Problem;
import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether what a spec's devices stand on exists on the host: tap devices, the kernel's vhost devices, PCI devices. */
final class DeviceProblems {
    private final Path root;

    /** Looks below a folder, which is {@code /} except in tests. */
    DeviceProblems(Path root) {
        this.root = root;
    }

    List<Problem> of(VmSpec spec) {
        List<Problem> problems = new ArrayList<>();
        spec.interfaces().forEach(network -> problems.addAll(tap(network)));
        spec.vsock()
                .ifPresent(vsock ->
                        kernelDevice("vsock", "vhost-vsock", "vhost_vsock").ifPresent(problems::add));
        spec.passthrough().forEach(device -> pci(device).ifPresent(problems::add));
        return problems;
    }

    private List<Problem> tap(NetworkInterface network) {
        if (!(network instanceof TapNetwork tap)) {
            return List.of();
        }
        List<Problem> problems = new ArrayList<>();
        String subject = "interfaces[id=" + tap.id() + "]";
        if (Files.notExists(root.resolve("sys/class/net").resolve(tap.device()))) {
            problems.add(new Problem(
                    subject,
                    "there is no network device " + tap.device(),
                    "ip tuntap add dev " + tap.device() + " mode tap user NAME && ip link set " + tap.device()
                            + " up; or use a UserNetwork, which needs no device"));
        }
        kernelDevice(subject, "net/tun", "tun").ifPresent(problems::add);
        if (tap.vhost()) {
            kernelDevice(subject, "vhost-net", "vhost_net").ifPresent(problems::add);
        }
        return problems;
    }

    private Optional<Problem> kernelDevice(String subject, String device, String module) {
        Path file = root.resolve("dev").resolve(device);
        if (Files.notExists(file)) {
            return Optional.of(new Problem(subject, file + " does not exist", "modprobe " + module));
        }
        return Files.isReadable(file) && Files.isWritable(file)
                ? Optional.empty()
                : Optional.of(new Problem(
                        subject,
                        "this user may not open " + file,
                        "give it the right: chgrp and chmod, or a udev rule"));
    }

    private Optional<Problem> pci(PciPassthrough device) {
        String address = device.host().length() > "01:00.0".length() ? device.host() : "0000:" + device.host();
        Path folder = root.resolve("sys/bus/pci/devices").resolve(address);
        String subject = "passthrough[host=" + device.host() + "]";
        if (Files.notExists(folder)) {
            return Optional.of(new Problem(subject, "there is no such PCI device on this host", "lspci -D lists them"));
        }
        String driver;
        try {
            driver = String.valueOf(folder.resolve("driver").toRealPath().getFileName());
        } catch (IOException e) {
            driver = "none";
        }
        return driver.equals("vfio-pci")
                ? Optional.empty()
                : Optional.of(new Problem(
                        subject,
                        "its driver is " + driver + ", and QEMU can take it only from vfio-pci",
                        "driverctl set-override " + address + " vfio-pci"));
    }
}
