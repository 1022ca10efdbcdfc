/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.List;
import java.util.regex.Pattern;

/** What can be wrong within one {@link VirtiofsdOptions}. */
final class VirtiofsdOptionRules {
    private static final Pattern CAPABILITY = Pattern.compile("[a-z][a-z_]*");

    /**
     * Descriptors that virtiofsd keeps for itself: 509 for parts of the guest's memory, 100 for whatever comes, and one for each thread. With
     * fewer 1.13.2 does not start ("must be at least 610").
     */
    private static final int OWN_DESCRIPTORS = 609;

    private VirtiofsdOptionRules() {}

    static void check(VirtiofsdOptions options) {
        Attribute.range("VirtiofsdOptions.threadPoolSize", options.threadPoolSize(), 0, 1024);
        Attribute.range("VirtiofsdOptions.queueSize", options.queueSize(), 1, 1024);
        if (Integer.bitCount(options.queueSize()) != 1) {
            throw Attribute.bad("VirtiofsdOptions.queueSize", options.queueSize(), "must be a power of two");
        }
        options.socketGroup().ifPresent(group -> Attribute.word("VirtiofsdOptions.socketGroup", group));
        options.xattrMap().ifPresent(map -> Attribute.word("VirtiofsdOptions.xattrMap", map));
        options.rlimitNofile().filter(limit -> limit != 0).ifPresent(limit -> {
            int least = OWN_DESCRIPTORS + Math.max(1, options.threadPoolSize());
            if (limit < least) {
                throw Attribute.bad(
                        "VirtiofsdOptions.rlimitNofile",
                        limit,
                        "must be 0, or " + least + " at least: so many virtiofsd needs for itself");
            }
        });
        capabilities("addedCapabilities", options.addedCapabilities());
        capabilities("droppedCapabilities", options.droppedCapabilities());
        for (String capability : options.addedCapabilities()) {
            if (options.droppedCapabilities().contains(capability)) {
                throw Attribute.bad("VirtiofsdOptions.addedCapabilities", capability, "is dropped, too");
            }
        }
        for (String argument : options.extraArguments()) {
            if (argument.indexOf('\0') >= 0) {
                throw Attribute.bad(
                        "VirtiofsdOptions.extraArguments",
                        argument.replace('\0', '?'),
                        "holds NUL, which no argument can");
            }
        }
    }

    private static void capabilities(String attribute, List<String> names) {
        for (String name : names) {
            if (!CAPABILITY.matcher(name).matches() || name.startsWith("cap_")) {
                throw Attribute.bad(
                        "VirtiofsdOptions." + attribute,
                        name,
                        "must be a name in lower case without cap_, such as sys_admin");
            }
        }
    }
}
