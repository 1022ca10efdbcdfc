/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.util.Arrays;

/** Puts a 64 KiB x86 ROM together byte by byte; QEMU maps it at {@code F000:0000}, and a CPU starts at its offset {@code FFF0}. */
final class RomImage {
    /** The smallest size that {@code -bios} takes on x86: QEMU asks for a multiple of 64 KiB. */
    static final int SIZE = 0x1_0000;

    /** Where an x86 CPU fetches its first instruction, as an offset in the ROM. */
    static final int RESET_VECTOR = 0xfff0;

    private static final byte HLT = (byte) 0xf4;

    private final byte[] bytes = new byte[SIZE];
    private int next;

    /** Starts with {@code hlt} everywhere, so that a stray jump stops instead of running wild. */
    RomImage() {
        Arrays.fill(bytes, HLT);
    }

    /** Goes on at an offset. */
    RomImage at(int offset) {
        next = offset;
        return this;
    }

    /** Puts bytes, each 0 to 255. */
    RomImage put(int... values) {
        for (int value : values) {
            bytes[next++] = (byte) value;
        }
        return this;
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
