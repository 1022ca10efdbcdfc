/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Unix domain sockets in two forms, junixsocket and the JDK's own, behind one face on which a user's interrupt harms nobody.
 *
 * <p>Not part of the published API; exported only to the other modules of this project.
 */
@NullMarked
package dev.microvm.qmp.internal.transport;

import org.jspecify.annotations.NullMarked;
