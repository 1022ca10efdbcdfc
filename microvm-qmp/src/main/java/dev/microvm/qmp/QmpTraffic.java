/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Instant;

/**
 * One message that went over the connection, for logs. Texts under names such as {@code password}, {@code secret}, {@code key},
 * {@code data} and {@code command-line} are replaced; what stands within other texts, as in {@code http://user:password@host/}, is not
 * found.
 *
 * @param at when it was handed to the connection or read from it
 * @param direction who sent it
 * @param json the message as compact JSON
 */
public record QmpTraffic(Instant at, Direction direction, String json) {

    /** Who sent a message. */
    public enum Direction {
        /** The client. */
        SENT,
        /** QEMU. */
        RECEIVED
    }
}
