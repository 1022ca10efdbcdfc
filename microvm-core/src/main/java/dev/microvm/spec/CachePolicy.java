/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** virtiofsd's cache policy ({@code --cache}): how long the guest may believe what it has read. */
public enum CachePolicy {
    /** Nothing is cached; shared mappings do not work. */
    NEVER("never"),
    /** Metadata for a day, no data. virtiofsd 1.8 and later. */
    METADATA("metadata"),
    /** One second; the default. */
    AUTO("auto"),
    /** A day: only for trees that nobody changes on the host. */
    ALWAYS("always");

    private final String option;

    CachePolicy(String option) {
        this.option = option;
    }

    /** {@return the value of virtiofsd's option {@code --cache}} */
    public String option() {
        return option;
    }
}
