/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** How much virtiofsd writes to its standard error; below {@link #INFO} it would not say when it is ready. */
public enum VirtiofsdLogLevel {
    /** What happens to it; the default. */
    INFO,
    /** Also what it decides. */
    DEBUG,
    /** Also every request of the guest: megabytes in seconds. */
    TRACE
}
