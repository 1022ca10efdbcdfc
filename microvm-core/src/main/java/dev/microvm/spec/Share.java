/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.Optional;

/** A folder of the host that the guest can mount. Shares are fixed when the VM starts. */
public sealed interface Share permits AutoShare, NinePShare, VirtiofsShare {
    /**
     * {@return a writable share by virtiofs where that works on the host, else by 9p; not mounted by itself; see {@link AutoShare}}
     *
     * @param tag 1 to 31 bytes without blanks; unique in the VM
     * @param source a literal path: no shell reads it, so {@code ~} is refused; a relative one is taken from the JVM's working
     *     directory
     */
    static AutoShare auto(String tag, Path source) {
        return AutoShare.builder().tag(tag).source(source).build();
    }

    /** {@return the mount tag, unique in a VM} */
    String tag();

    /** {@return the folder on the host} */
    Path source();

    /** {@return where the guest mounts it; absent: offered, not mounted} */
    Optional<String> mountPoint();

    /** {@return whether the guest can only read} */
    boolean readOnly();
}
