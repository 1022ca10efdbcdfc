/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpEventType;

/** The event {@code SHUTDOWN}: QEMU is about to end, or to halt the guest where it was started with -no-shutdown. */
public final class ShutdownEvent {
    /** What to subscribe to. */
    public static final QmpEventType<ShutdownData> TYPE = QmpEventType.of("SHUTDOWN", ShutdownData::read);

    private ShutdownEvent() {}
}
