/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import dev.microvm.internal.image.MountPreparation;
import dev.microvm.internal.image.ShellText;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.GuestPaths;
import dev.microvm.internal.mount.MountOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A NixOS module: {@code fileSystems} for what NixOS can mount by it, all needed for boot; an overlay by its {@code overlay} option, which
 * makes the upper folders; and a service for persistent paths that need more than a bind mount: a file to be mounted on, where
 * {@code fileSystems} would make a directory, a home with its owner, a folder on a volume, where the host made none.
 */
public final class NixosModule {
    private NixosModule() {}

    /** {@return the module's text} */
    public static String of(List<GuestMount> mounts) {
        StringBuilder module = new StringBuilder("{ ... }:\n{\n");
        List<GuestMount> services = byService(mounts);
        for (GuestMount mount : mounts) {
            if (services.contains(mount)) {
                service(module, mount, before(services, mount));
            } else {
                fileSystem(module, mount);
            }
        }
        Set<String> kinds = mounts.stream()
                .map(GuestMount::type)
                .filter(type -> !type.equals("none") && !type.equals("tmpfs"))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        module.append("  boot.initrd.availableKernelModules = ")
                .append(list(modules(kinds, mounts.stream().anyMatch(GuestMount.OfVolume.class::isInstance))))
                .append(";\n}\n");
        return module.toString();
    }

    /** With the transports and disks that NixOS' qemu-guest profile has too, for a system that does without it. */
    private static List<String> modules(Set<String> kinds, boolean disks) {
        List<String> modules = new ArrayList<>();
        if (!kinds.isEmpty()) {
            modules.addAll(List.of("virtio_pci", "virtio_mmio"));
        }
        if (disks) {
            modules.add("virtio_blk");
        }
        for (String kind : kinds) {
            modules.add(kind);
            if (kind.equals("9p")) {
                modules.add("9pnet_virtio");
            }
        }
        return modules;
    }

    /** Mounts come in their order, so what a service mounts is known before what lies in it. */
    private static List<GuestMount> byService(List<GuestMount> mounts) {
        List<GuestMount> services = new ArrayList<>();
        for (GuestMount mount : mounts) {
            if (mount instanceof GuestMount.OfPersistence persistent
                    && (persistent.kept().file()
                            || persistent.onVolume()
                            || persistent.kept().persistence().user().isPresent()
                            || services.stream().anyMatch(first -> MountOrder.mustComeFirst(first, mount)))) {
                services.add(mount);
            }
        }
        return services;
    }

    private static void fileSystem(StringBuilder module, GuestMount mount) {
        module.append("  fileSystems.").append(string(mount.where())).append(" = {\n");
        if (mount instanceof GuestMount.OfOverlay overlay) {
            module.append("    overlay = {\n      lowerdir = ")
                    .append(list(List.of(overlay.overlay().lower())))
                    .append(";\n      upperdir = ")
                    .append(string(overlay.upperFolder()))
                    .append(";\n      workdir = ")
                    .append(string(overlay.workFolder()))
                    .append(";\n    };\n");
            if (overlay.userXattr()) {
                module.append("    options = [ \"userxattr\" ];\n");
            }
        } else {
            module.append("    device = ")
                    .append(string(mount.what()))
                    .append(";\n    fsType = ")
                    .append(string(mount.type()))
                    .append(";\n    options = ")
                    .append(list(mount.options()))
                    .append(";\n");
        }
        if (!mount.needs().isEmpty()) {
            module.append("    depends = ").append(list(mount.needs())).append(";\n");
        }
        module.append("    neededForBoot = true;\n  };\n");
    }

    /** What a service mounts has no unit to which RequiresMountsFor would lead. */
    private static List<String> before(List<GuestMount> services, GuestMount mount) {
        return services.stream()
                .filter(other -> other != mount && MountOrder.mustComeFirst(other, mount))
                .map(other -> serviceName(other) + ".service")
                .toList();
    }

    private static String serviceName(GuestMount mount) {
        return "microvm-" + SystemdText.escapePath(mount.where());
    }

    private static void service(StringBuilder module, GuestMount mount, List<String> services) {
        List<String> needs = new ArrayList<>(mount.needs());
        needs.add(GuestPaths.parent(mount.where()));
        String order = services.isEmpty()
                ? ""
                : "    requires = " + list(services) + ";\n    after = " + list(services) + ";\n";
        module.append("  systemd.services.")
                .append(string(serviceName(mount)))
                .append(" = {\n    description = ")
                .append(string(SystemdText.value(mount.name())))
                .append(";\n    requiredBy = [ \"local-fs.target\" ];\n    before = [ \"local-fs.target\" ];\n")
                .append(order)
                .append("    unitConfig.DefaultDependencies = false;\n    unitConfig.RequiresMountsFor = ")
                .append(list(needs.stream().map(SystemdText::quoted).toList()))
                .append(";\n    path = [ \"/run/current-system/sw\" ];\n")
                .append(
                        "    serviceConfig.Type = \"oneshot\";\n    serviceConfig.RemainAfterExit = true;\n    script = ")
                .append(string(MountPreparation.of(mount) + "mount -o bind -- " + ShellText.quote(mount.what()) + " "
                        + ShellText.quote(mount.where()) + "\n"))
                .append(";\n  };\n");
    }

    private static String list(List<String> items) {
        return items.stream().map(NixosModule::string).collect(Collectors.joining(" ", "[ ", " ]"));
    }

    /** A string literal. (Nix manual, "String literal": a raw CR LF would be read as LF, and a dollar and a brace begin an interpolation.) */
    static String string(String text) {
        StringBuilder literal = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\', '$' -> literal.append('\\').append(c);
                case '\r' -> literal.append("\\r");
                default -> literal.append(c);
            }
        }
        return literal.append('"').toString();
    }
}
