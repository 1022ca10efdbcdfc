/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** The guest's cache mode of a 9p mount (Linux, Documentation/filesystems/9p.rst, {@code cache=}). */
public enum NinePCache {
    /** Coherent with the host; the default. */
    NONE("none"),
    /**
     * Two to three times faster on metadata and <em>not coherent</em>: changes on the host may never be seen, and under contention
     * null bytes have been read from store files. Only for trees that nobody changes.
     */
    LOOSE("loose"),
    /** As {@link #NONE}, with writable shared mappings. */
    MMAP("mmap");

    private final String mountOption;

    NinePCache(String mountOption) {
        this.mountOption = mountOption;
    }

    /** {@return the value of the mount option {@code cache=}} */
    public String mountOption() {
        return mountOption;
    }
}
