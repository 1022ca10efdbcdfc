/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpEventType;

/** The event {@code POWERDOWN}: the guest was asked to shut down. */
public final class PowerdownEvent {
    /** What to subscribe to. */
    public static final QmpEventType<QmpEmpty> TYPE = QmpEventType.of("POWERDOWN", QmpEmpty::read);

    private PowerdownEvent() {}
}
