/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.mount.PersistentTarget.Ids;
import dev.microvm.internal.storage.PersistentFolders;
import dev.microvm.internal.storage.VolumeImages;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What a start makes that stays: images of volumes, persistent folders and files on shares. */
final class LaunchStorage {
    private LaunchStorage() {}

    /** Makes what is missing; undone by nobody, for the next start will want it. */
    static void make(LaunchPlan plan, VmHost host) throws IOException, InterruptedException {
        Optional<Ids> qemu = plan.runAs().map(user -> new Ids(user.uid(), user.gid()));
        VolumeImages images = new VolumeImages(host.environment(), qemu);
        for (Volume volume : plan.spec().volumes()) {
            images.create(volume);
        }
        PersistentFolders.make(plan.spec(), qemu, host.uid() == 0);
    }

    /** {@return what to do about a QEMU that ended, by its words: {@code Failed to get "write" lock} is that of an image in use} */
    static String hintFor(List<String> stderr) {
        boolean locked = stderr.stream().anyMatch(line -> line.contains("Failed to get") && line.contains("lock"));
        return locked
                ? "another VM, or another program, has that image open: stop it, give each VM an image of its own, or let all of"
                        + " them say readOnly(true)"
                : "QEMU's own words stand in the stderr lines";
    }
}
