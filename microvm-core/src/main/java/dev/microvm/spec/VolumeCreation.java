/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.charset.StandardCharsets;

/** The local facts of how a {@link Volume}'s image is created. */
final class VolumeCreation {
    private static final int MOST_MIB = 16 * 1024 * 1024;

    private VolumeCreation() {}

    static void check(Volume volume) {
        volume.createMib().ifPresent(mib -> {
            int least = volume.fileSystem().map(FileSystem::minMib).orElse(1);
            Attribute.range("Volume.createMib", mib, least, MOST_MIB);
            if (volume.readOnly()) {
                throw Attribute.bad("Volume.createMib", mib, "a new image that is read-only would stay empty for ever");
            }
        });
        boolean made = volume.createMib().isPresent() && volume.fileSystem().isPresent();
        volume.label().ifPresent(label -> {
            if (!made) {
                throw Attribute.bad(
                        "Volume.label",
                        label,
                        "is written when the file system is made: needs createMib and fileSystem");
            }
            checkLabel(label, volume.fileSystem().orElseThrow());
        });
        if (!volume.mkfsArguments().isEmpty() && !made) {
            throw Attribute.bad("Volume.mkfsArguments", volume.mkfsArguments(), "need createMib and fileSystem");
        }
        volume.mkfsArguments().forEach(text -> Attribute.word("Volume.mkfsArguments", text));
    }

    private static void checkLabel(String label, FileSystem fileSystem) {
        Attribute.word("Volume.label", label);
        int bytes = label.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > fileSystem.maxLabelBytes() || !label.matches("[A-Za-z0-9._-]+")) {
            throw Attribute.bad(
                    "Volume.label",
                    label,
                    "1 to " + fileSystem.maxLabelBytes() + " letters, digits, '.', '_', '-' for "
                            + fileSystem.kernelName());
        }
    }
}
