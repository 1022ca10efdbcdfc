/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.Optional;

/** A folder of the host that the guest can mount. Shares are fixed when the VM starts. */
public sealed interface Share permits NinePShare, VirtiofsShare {
    /** {@return the mount tag, unique in a VM} */
    String tag();

    /** {@return the folder on the host} */
    Path source();

    /** {@return where the guest mounts it; absent: offered, not mounted} */
    Optional<String> mountPoint();

    /** {@return whether the guest can only read} */
    boolean readOnly();
}
