/* SPDX-License-Identifier: Apache-2.0 */
/**
 * For the tests of programs that use this client: {@link dev.microvm.qmp.testing.FakeQmpServer} is a QEMU, or a guest agent, that does
 * what a test says, on a real unix socket. It needs no test framework and no QEMU.
 *
 * <pre>{@code
 * try (FakeQmpServer qemu = FakeQmpServer.qemu().version(new QmpVersion(10, 0, 2, ""))) {
 *     qemu.on("query-status").reply(new StatusInfo(false, RunState.PAUSED, null));
 *     qemu.on("device_del").reply().emit("DEVICE_DELETED", JsonValue.parse("{\"path\": \"/machine/n0\"}"));
 *     qemu.once("eject").error("GenericError", "Device 'cd0' is locked");
 *     qemu.on("migrate").delay(Duration.ofSeconds(1)).thenDisconnect();
 *     qemu.listen(socket);
 *
 *     try (QmpClient client = QmpClient.connect(socket, QmpOptions.defaults())) {
 *         if (client.execute(QueryStatus.of()).status().equals(RunState.PAUSED)) {
 *             client.execute(DeviceDel.of("n0"));
 *         }
 *     }
 *     FakeRequest request = qemu.awaitRequest("device_del", Duration.ofSeconds(5));
 *     if (!request.arguments().string("id").equals("n0")) {
 *         throw new AssertionError("another device was removed: " + request);
 *     }
 * }
 * }</pre>
 */
@NullMarked
package dev.microvm.qmp.testing;

import org.jspecify.annotations.NullMarked;
