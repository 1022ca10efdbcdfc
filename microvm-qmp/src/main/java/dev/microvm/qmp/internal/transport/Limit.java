/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.time.Duration;

/** Makes of a limit what can be waited for. */
public final class Limit {
    /** Who says {@code ChronoUnit.FOREVER} means no limit; its nanoseconds fit into no long, and neither would their sum with the clock. */
    private static final Duration MOST = Duration.ofDays(36_525);

    private Limit() {}

    /**
     * Returns how long to wait.
     *
     * @param limit any duration
     * @return its nanoseconds; none if it is negative, and those of a hundred years if it is longer
     */
    public static long nanos(Duration limit) {
        return limit.isNegative() ? 0 : limit.compareTo(MOST) > 0 ? MOST.toNanos() : limit.toNanos();
    }
}
