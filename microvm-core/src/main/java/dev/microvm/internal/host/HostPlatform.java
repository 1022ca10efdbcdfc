/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.error.Problem;
import dev.microvm.spec.Architecture;
import java.util.Locale;
import java.util.Optional;

/**
 * The host's operating system and instruction set.
 *
 * @param osName as in the system property {@code os.name}
 * @param osArch as in the system property {@code os.arch}
 */
public record HostPlatform(String osName, String osArch) {
    /** {@return the platform this JVM runs on} */
    public static HostPlatform current() {
        return new HostPlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** {@return the problem of every host that is not Linux} */
    public Optional<Problem> problem() {
        if (osName.toLowerCase(Locale.ROOT).startsWith("linux")) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                "host",
                "this is " + osName + "; VMs are started on Linux hosts only (KVM, /proc, virtiofsd, pdeathsig)",
                "run it on Linux: a remote host, a CI runner, or a Linux VM (WSL 2 on Windows, Lima on macOS)"));
    }

    /** {@return the host's instruction set; empty if no guest architecture equals it} */
    public Optional<Architecture> architecture() {
        return switch (osArch) {
            case "amd64", "x86_64" -> Optional.of(Architecture.X86_64);
            case "aarch64", "arm64" -> Optional.of(Architecture.AARCH64);
            default -> Optional.empty();
        };
    }
}
