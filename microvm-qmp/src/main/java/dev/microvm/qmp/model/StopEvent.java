/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpEventType;

/** The event {@code STOP}: the guest's processors were halted. */
public final class StopEvent {
    /** What to subscribe to. */
    public static final QmpEventType<QmpEmpty> TYPE = QmpEventType.of("STOP", QmpEmpty::read);

    private StopEvent() {}
}
