/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpEventType;

/** The event {@code RESET}: the guest was reset. */
public final class ResetEvent {
    /** What to subscribe to. */
    public static final QmpEventType<ResetData> TYPE = QmpEventType.of("RESET", ResetData::read);

    private ResetEvent() {}
}
