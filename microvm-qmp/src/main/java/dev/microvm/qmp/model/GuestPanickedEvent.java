/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpEventType;

/** The event {@code GUEST_PANICKED}: the guest reported that it panicked. */
public final class GuestPanickedEvent {
    /** What to subscribe to. */
    public static final QmpEventType<GuestPanickedData> TYPE =
            QmpEventType.of("GUEST_PANICKED", GuestPanickedData::read);

    private GuestPanickedEvent() {}
}
