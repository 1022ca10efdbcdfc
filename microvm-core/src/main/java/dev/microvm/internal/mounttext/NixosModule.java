/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import dev.microvm.internal.image.MountPreparation;
import dev.microvm.internal.image.ShellText;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.GuestPaths;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A NixOS module: {@code fileSystems} for what NixOS can mount by it, all needed for boot; an overlay by its {@code overlay} option, which
 * makes the upper folders; and a service for persistent files, for {@code fileSystems} would make a directory to mount them on.
 */
public final class NixosModule {
    private NixosModule() {}

    /** {@return the module's text} */
    public static String of(List<GuestMount> mounts) {
        StringBuilder module = new StringBuilder("{ ... }:\n{\n");
        for (GuestMount mount : mounts) {
            if (isFile(mount)) {
                service(module, mount);
            } else {
                fileSystem(module, mount);
            }
        }
        Set<String> kinds = mounts.stream()
                .map(GuestMount::type)
                .filter(type -> !type.equals("none") && !type.equals("tmpfs"))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        module.append("  boot.initrd.availableKernelModules = ")
                .append(list(modules(kinds)))
                .append(";\n}\n");
        return module.toString();
    }

    private static List<String> modules(Set<String> kinds) {
        List<String> modules = new ArrayList<>();
        for (String kind : kinds) {
            modules.add(kind);
            if (kind.equals("9p")) {
                modules.add("9pnet_virtio");
            }
        }
        return modules;
    }

    private static boolean isFile(GuestMount mount) {
        return mount instanceof GuestMount.OfPersistence persistent
                && persistent.kept().file();
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

    private static void service(StringBuilder module, GuestMount mount) {
        String name = "microvm-" + SystemdText.escapePath(mount.where());
        List<String> needs = new ArrayList<>(mount.needs());
        needs.add(GuestPaths.parent(mount.where()));
        module.append("  systemd.services.")
                .append(string(name))
                .append(" = {\n    description = ")
                .append(string(mount.name()))
                .append(";\n    requiredBy = [ \"local-fs.target\" ];\n    before = [ \"local-fs.target\" ];\n")
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
