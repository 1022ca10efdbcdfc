/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import java.util.Objects;

/**
 * One thing that keeps a VM from starting.
 *
 * @param subject what it is about: an attribute of the spec ({@code shares[tag=home].source}) or a part of the host ({@code qemu})
 * @param detail what is wrong, with the value seen
 * @param cure what to do about it: the package to install, the group to join, what to write instead
 */
public record Problem(String subject, String detail, String cure) {
    /**
     * Checks that nothing is missing.
     *
     * @param subject not null; short, it begins the line that is shown
     * @param detail not null; a phrase
     * @param cure not null; empty where none is known, and then not shown
     */
    public Problem {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(cure, "cure");
    }

    @Override
    public String toString() {
        return subject + ": " + detail + (cure.isEmpty() ? "" : " -> " + cure);
    }
}
