/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpReader;
import org.jspecify.annotations.Nullable;

/**
 * The operating system of a guest ({@code guest-get-osinfo}); on Linux mostly what {@code os-release} says. What the guest does not know is
 * null.
 *
 * @param id the system, such as {@code debian} or {@code nixos}
 * @param name its name
 * @param prettyName its name and version for people
 * @param version its version for people
 * @param versionId its version for programs, such as {@code 12}
 * @param variant its edition for people
 * @param variantId its edition for programs
 * @param kernelRelease the release of the kernel, as {@code uname -r} tells it
 * @param kernelVersion the version of the kernel, as {@code uname -v} tells it
 * @param machine the architecture, such as {@code x86_64}
 */
public record GuestOsInfo(
        @Nullable String id,
        @Nullable String name,
        @Nullable String prettyName,
        @Nullable String version,
        @Nullable String versionId,
        @Nullable String variant,
        @Nullable String variantId,
        @Nullable String kernelRelease,
        @Nullable String kernelVersion,
        @Nullable String machine) {

    static GuestOsInfo read(JsonValue value) {
        QmpReader in = QmpReader.of(value);
        return new GuestOsInfo(
                in.stringOrNull("id"),
                in.stringOrNull("name"),
                in.stringOrNull("pretty-name"),
                in.stringOrNull("version"),
                in.stringOrNull("version-id"),
                in.stringOrNull("variant"),
                in.stringOrNull("variant-id"),
                in.stringOrNull("kernel-release"),
                in.stringOrNull("kernel-version"),
                in.stringOrNull("machine"));
    }
}
