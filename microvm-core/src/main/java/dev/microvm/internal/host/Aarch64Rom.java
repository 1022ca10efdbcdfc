/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

/**
 * The smallest program that shows a virtual Arm CPU at work: it counts a loop and powers the {@code virt} machine off through PSCI, so
 * that QEMU exits with code 0. (Arm DEN0022, {@code SYSTEM_OFF}; QEMU answers {@code hvc} with KVM as without.)
 */
final class Aarch64Rom {
    private static final int[] CODE = {
        0xd2a0_4001, // mov  x1, #0x2000000      2^25 turns: 10 to 30 ms on a CPU
        0xf100_0421, // subs x1, x1, #1
        0x54ff_ffe1, // b.ne the subs
        0x5280_0100, // mov  w0, #0x0008
        0x72b0_8000, // movk w0, #0x8400, lsl 16 SYSTEM_OFF
        0xd400_0002, // hvc  #0
        0x1400_0000, // b    itself
    };

    private Aarch64Rom() {}

    static byte[] bytes() {
        byte[] bytes = new byte[CODE.length * Integer.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (CODE[i / Integer.BYTES] >>> (8 * (i % Integer.BYTES)));
        }
        return bytes;
    }
}
