/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** How a call ended. A value and no exception, so that the exception is made by the thread that waits, with its own stack. */
sealed interface Outcome {

    /** The server answered. */
    record Returned(JsonValue value) implements Outcome {}

    /** The server refused. */
    record Refused(String errorClass, String desc) implements Outcome {}

    /** The connection ended first, or the command could not be sent. */
    record Lost(QmpException reason) implements Outcome {}
}
