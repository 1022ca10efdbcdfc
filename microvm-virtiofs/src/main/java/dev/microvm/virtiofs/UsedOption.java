/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.util.List;

/**
 * An option of virtiofsd that a share makes use of: the version it came with and how it is written stand in one place, so that none can be
 * rendered without being checked.
 *
 * @param attribute the attribute of the share, for problems
 * @param since the first version that has it
 * @param instead what to write for an older one
 * @param arguments how it is written; may be none
 */
record UsedOption(String attribute, VirtiofsdVersion since, String instead, List<String> arguments) {
    UsedOption {
        arguments = List.copyOf(arguments);
    }
}
