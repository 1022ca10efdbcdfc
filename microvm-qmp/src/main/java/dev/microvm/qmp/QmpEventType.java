/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.function.Function;

/**
 * A kind of event and how to read its data. Those of QEMU are constants in {@code dev.microvm.qmp.event}, such as
 * {@code ShutdownEvent.TYPE}.
 *
 * @param name the name on the wire, such as {@code SHUTDOWN}
 * @param reader reads the data; it runs in the thread that takes the event from its subscription
 * @param <T> the type of the data
 */
public record QmpEventType<T>(String name, Function<QmpReader, T> reader) {

    /**
     * Names a kind of event.
     *
     * @param name the name on the wire
     * @param reader reads the data
     * @param <T> the type of the data
     * @return the kind
     */
    public static <T> QmpEventType<T> of(String name, Function<QmpReader, T> reader) {
        return new QmpEventType<>(name, reader);
    }
}
