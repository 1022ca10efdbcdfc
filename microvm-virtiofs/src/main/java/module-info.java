/* SPDX-License-Identifier: Apache-2.0 */
/** virtiofsd and 9p shares that need no babysitting. */
module dev.microvm.virtiofs {
    requires transitive dev.microvm.core;

    requires static transitive org.jspecify;

    exports dev.microvm.virtiofs;
}
