/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import dev.microvm.spec.AutoShare;
import dev.microvm.spec.Share;

/**
 * What an {@link AutoShare} becomes on this host.
 *
 * @param share the share to use, with the tag, source and mount point of the one it stands for
 * @param reason why that kind, a sentence for a person, without a line end
 */
public record ShareChoice(Share share, String reason) {
    /**
     * Checks that it is a decision.
     *
     * @param share any kind but an {@link AutoShare}
     * @param reason taken as it is
     * @throws IllegalArgumentException if the share is undecided itself
     */
    public ShareChoice {
        if (share instanceof AutoShare) {
            throw new IllegalArgumentException("ShareChoice.share = " + share + ": must be decided");
        }
    }
}
