/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** How a unix socket is opened. */
public enum TransportKind {
    /** {@link #JUNIXSOCKET} if its native code can be loaded and Java is older than 24, which warns about native code; else {@link #JDK}. */
    AUTO,
    /** junixsocket, which tells the process id of the peer and can pass descriptors; a failure if its native code cannot be loaded. */
    JUNIXSOCKET,
    /**
     * The JDK's own channels. No native code is loaded, as a plugin that must be unloadable needs it. Neither {@link QmpClient#peerPid()} nor
     * {@link QmpOptions#expectedPeer()} nor {@link QmpClient#executeWithFd} work with it.
     */
    JDK
}
