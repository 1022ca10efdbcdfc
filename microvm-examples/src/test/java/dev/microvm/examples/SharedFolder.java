/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** The kinds of shares whose guests do the same things with files, and what each kind is known to refuse. */
enum SharedFolder {
    VIRTIOFS_AUTO(CachePolicy.AUTO, Set.of("keepsUserAttributes")),
    /** Without a cache there are no shared maps (virtiofsd's {@code --allow-mmap} would allow them). */
    VIRTIOFS_NEVER(CachePolicy.NEVER, Set.of("keepsUserAttributes", "mapsSharedForReading", "mapsSharedForWriting")),
    /** With {@code xattr}. */
    VIRTIOFS_ALWAYS(CachePolicy.ALWAYS, Set.of()),
    /**
     * The kernel's 9p client sets times to whole seconds (6.1); QEMU opens what it has made to set its mode, which a socket refuses, and
     * sets and gets sizes by the path, which a deleted file has no more and a replaced one has lost to another (7.2).
     */
    NINEP_NONE(
            NinePCache.NONE,
            Set.of(
                    "bindsUnixSockets",
                    "keepsTheSizeOfAReplacedFileThatIsOpen",
                    "keepsTimes",
                    "mapsSharedForWriting",
                    "truncatesADeletedFileThatIsOpen")),
    NINEP_MMAP(
            NinePCache.MMAP,
            Set.of(
                    "bindsUnixSockets",
                    "keepsTheSizeOfAReplacedFileThatIsOpen",
                    "keepsTimes",
                    "truncatesADeletedFileThatIsOpen"));

    private final CachePolicy virtiofs;
    private final NinePCache ninep;
    private final Set<String> refuses;

    SharedFolder(CachePolicy cache, Set<String> refuses) {
        this.virtiofs = cache;
        this.ninep = NinePCache.NONE;
        this.refuses = refuses;
    }

    SharedFolder(NinePCache cache, Set<String> refuses) {
        this.virtiofs = CachePolicy.NEVER;
        this.ninep = cache;
        this.refuses = refuses;
    }

    boolean isVirtiofs() {
        return !name().startsWith("NINEP");
    }

    /** {@return the checks of {@link GuestFileChecks} that this kind refuses} */
    Set<String> refuses() {
        return refuses;
    }

    String mountPoint() {
        return "/mnt/" + name().toLowerCase(Locale.ROOT);
    }

    Share share(Path source) {
        String tag = name().toLowerCase(Locale.ROOT);
        if (!isVirtiofs()) {
            return NinePShare.builder()
                    .tag(tag)
                    .source(source)
                    .mountPoint(mountPoint())
                    .cache(ninep)
                    .build();
        }
        VirtiofsShare.Builder share = VirtiofsShare.builder()
                .tag(tag)
                .source(source)
                .mountPoint(mountPoint())
                .cache(virtiofs);
        if (this == VIRTIOFS_ALWAYS) {
            share.xattr(true);
        }
        return share.build();
    }
}
