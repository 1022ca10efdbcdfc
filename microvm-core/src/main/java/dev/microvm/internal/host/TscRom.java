/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

/**
 * Writes its time stamp counter to port {@code E9} ({@code isa-debugcon}), {@value #STAMPS} times with 2^22 ticks between, and ends QEMU
 * through {@code isa-debug-exit}; the host notes when each stamp arrives. Under TCG an x86 host's own counter is what it reads.
 */
final class TscRom {
    /** How many stamps are written: 256, about 0.4 s at 2.6 GHz, which lets 20 microseconds of jitter weigh 0.005 %. */
    static final int STAMPS = 256;

    /** Length of one stamp: the counter, little endian. */
    static final int STAMP_BYTES = 8;

    /** {@code isa-debug-exit} exits with twice the written value, plus one. */
    static final int EXIT_CODE = 2 * 0x10 + 1;

    private TscRom() {}

    /** 16-bit code with 32-bit operands (the prefix 66h): nothing more is needed. */
    static byte[] bytes() {
        RomImage rom = new RomImage();
        rom.at(0)
                .put(0xfa) // cli
                .put(0x66, 0xbe, STAMPS % 0x100, STAMPS / 0x100, 0x00, 0x00) // mov esi, STAMPS
                // next, at 0007h:
                .put(0x0f, 0x31) // rdtsc              edx:eax
                .put(0x66, 0x89, 0xc3) // mov ebx, eax       when this stamp was taken
                .put(0x66, 0x89, 0xd7) // mov edi, edx
                .put(0xb9, 0x04, 0x00) // mov cx, 4
                .put(0xe6, 0xe9) // out 0e9h, al       at 0012h
                .put(0x66, 0xc1, 0xe8, 0x08) // shr eax, 8
                .put(0xe2, 0xf8) // loop 0012h
                .put(0x66, 0x89, 0xf8) // mov eax, edi
                .put(0xb9, 0x04, 0x00) // mov cx, 4
                .put(0xe6, 0xe9) // out 0e9h, al       at 0020h
                .put(0x66, 0xc1, 0xe8, 0x08) // shr eax, 8
                .put(0xe2, 0xf8) // loop 0020h
                .put(0x0f, 0x31) // rdtsc              at 0028h: wait
                .put(0x66, 0x29, 0xd8) // sub eax, ebx
                .put(0x66, 0x3d, 0x00, 0x00, 0x40, 0x00) // cmp eax, 400000h    2^22 ticks
                .put(0x72, 0xf3) // jb 0028h
                .put(0x66, 0x4e) // dec esi
                .put(0x75, 0xce) // jnz 0007h
                .put(0xb0, 0x10) // mov al, 10h
                .put(0xe6, 0xf4) // out 0f4h, al       QEMU exits with code 33
                .put(0xf4); // hlt
        rom.at(RomImage.RESET_VECTOR).put(0xea, 0x00, 0x00, 0x00, 0xf0); // jmp 0f000h:0000h
        return rom.bytes();
    }
}
