/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpEventType;

/** The event {@code RESUME}: the guest's processors run again. */
public final class ResumeEvent {
    /** What to subscribe to. */
    public static final QmpEventType<QmpEmpty> TYPE = QmpEventType.of("RESUME", QmpEmpty::read);

    private ResumeEvent() {}
}
