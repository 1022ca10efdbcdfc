/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/**
 * A command as a value: its name, its arguments, and how to read its result. As an object on the wire, it is its arguments. The commands of QEMU are in {@code dev.microvm.qmp.command};
 * others can be implemented by anybody.
 *
 * @param <R> the type of the result; {@link QmpEmpty} where there is none
 */
public interface QmpCommand<R> extends QmpObject {

    /**
     * Returns the name on the wire.
     *
     * @return the name, such as {@code query-status}
     */
    String name();

    /**
     * Writes the members of the arguments object. The default writes none. It may run more than once.
     *
     * @param arguments stands inside the object
     */
    @Override
    default void writeMembers(QmpWriter arguments) {}

    /**
     * Reads the result, in the thread that waits for it or on the dispatcher of the client.
     *
     * @param result the value of {@code return}
     * @return the result
     * @throws QmpProtocolException if the value is not of the right form
     */
    R read(QmpReader result);
}
