/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import dev.microvm.internal.process.StateFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tells which state folders nobody will remove any more. In doubt, a folder is somebody's. */
final class Orphans {
    /** A start writes the owner's file in one step; older versions did not, and a full disk cuts anything short. */
    private static final Duration OWNER_UNREADABLE_FOR = Duration.ofHours(1);

    /** Between making the folder and naming its owner lie milliseconds, unless a machine is suspended in between. */
    private static final Duration OWNERLESS_FOR = Duration.ofDays(1);

    private static final Pattern RANDOM_NAME = Pattern.compile("[0-9a-f]{8}");

    private Orphans() {}

    static boolean isOrphan(Path folder, Instant now) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                || Files.exists(folder.resolve(StateRoot.KEPT_FILE), LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Path owner = folder.resolve(StateRoot.OWNER_FILE);
        if (!Files.isRegularFile(owner, LinkOption.NOFOLLOW_LINKS)) {
            return isStateFolder(folder) && isOlder(folder, now.minus(OWNERLESS_FOR));
        }
        // As Latin-1, in which any bytes are text: a file of zeros after a power cut is as unreadable as an empty one.
        String text = Files.readString(owner, StandardCharsets.ISO_8859_1);
        List<ProcessIdentity> owners = text.lines()
                .map(ProcessIdentity::parse)
                .flatMap(Optional::stream)
                .toList();
        if (owners.stream().anyMatch(ProcessIdentity::isAlive)) {
            return false;
        }
        return (text.endsWith("\n") && owners.size() >= 2)
                || (isStateFolder(folder) && isOlder(owner, now.minus(OWNER_UNREADABLE_FOR)));
    }

    private static boolean isOlder(Path file, Instant when) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                .toInstant()
                .isBefore(when);
    }

    /** MICROVM_STATE may name a folder with other things in it, and age alone makes nothing ours. */
    private static boolean isStateFolder(Path folder) throws IOException {
        if (Files.exists(folder.resolve(StateFolder.SCRIPT), LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return RANDOM_NAME.matcher(folder.getFileName().toString()).matches()
                    && entries.findAny().isEmpty();
        }
    }
}
