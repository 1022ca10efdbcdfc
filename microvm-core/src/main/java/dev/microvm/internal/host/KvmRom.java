/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

/**
 * The program that a virtual CPU must run before KVM is believed: what a Linux kernel needs first, in 64 KiB.
 *
 * <p>It enters long mode, counts 2^25 turns of a loop and takes an interrupt of the local APIC's timer. Each stage is there because a
 * host was seen where the stage before passed: real mode alone passes where Linux never says a word; and on a host whose KVM emulates
 * instruction by instruction (some nested ones do), long mode and interrupts pass too, while Linux needs minutes to unpack itself. The
 * loop takes 10 to 30 ms on a CPU, and far more than the probe's limit where each instruction is emulated.
 *
 * <p>Bytes on port {@code E9} say how far it came ({@link #REAL_MODE}, {@link #LONG_MODE}, {@link #FULL_SPEED}); success is
 * {@code isa-debug-exit} on port {@code F4}, which turns the value 16 into QEMU's exit code {@value #EXIT_CODE}.
 */
final class KvmRom {
    /** {@code isa-debug-exit} exits with twice the written value, plus one. */
    static final int EXIT_CODE = 2 * 0x10 + 1;

    static final char REAL_MODE = 'R';
    static final char LONG_MODE = 'L';
    static final char FULL_SPEED = 'S';

    // Offsets in the ROM; its code runs at linear address F0000h plus the offset.
    private static final int GDT_POINTER = 0x0100;
    private static final int IDT_POINTER = 0x0110;
    private static final int GDT = 0x0120;
    private static final int LONG_MODE_CODE = 0x0200;
    private static final int TIMER_HANDLER = 0x0300;

    private KvmRom() {}

    static byte[] bytes() {
        RomImage rom = new RomImage();
        putPageTablesAndModeSwitch(rom.at(0));
        putDescriptorTables(rom);
        putLongModeCode(rom.at(LONG_MODE_CODE));
        rom.at(TIMER_HANDLER)
                .put(0xb0, 0x10) // mov al, 10h
                .put(0xe6, 0xf4) // out 0f4h, al      QEMU exits with code 33
                .put(0xf4); // hlt
        rom.at(RomImage.RESET_VECTOR).put(0xea, 0x00, 0x00, 0x00, 0xf0); // jmp 0f000h:0000h
        return rom.bytes();
    }

    /** 16-bit code: page tables at 1000h to 4fffh map the first 2 MiB and the local APIC onto themselves; then straight to long mode. */
    private static void putPageTablesAndModeSwitch(RomImage rom) {
        rom.put(0xfa) // cli
                .put(0xfc) // cld
                .put(0xb0, REAL_MODE) // mov al, 'R'
                .put(0xe6, 0xe9) // out 0e9h, al
                .put(0x31, 0xc0) // xor ax, ax
                .put(0x8e, 0xc0) // mov es, ax
                .put(0x8e, 0xd0) // mov ss, ax
                .put(0xbc, 0x00, 0x70) // mov sp, 7000h
                .put(0xbf, 0x00, 0x10) // mov di, 1000h
                .put(0xb9, 0x00, 0x28) // mov cx, 2800h     words: 1000h to 5fffh, tables and IDT
                .put(0xf3, 0xab) // rep stosw
                .put(0x26, 0xc7, 0x06, 0x00, 0x10, 0x03, 0x20) // mov word es:[1000h], 2003h    PML4[0] -> PDPT
                .put(0x26, 0xc7, 0x06, 0x00, 0x20, 0x03, 0x30) // mov word es:[2000h], 3003h    PDPT[0] -> low one
                .put(0x26, 0xc7, 0x06, 0x18, 0x20, 0x03, 0x40) // mov word es:[2018h], 4003h    PDPT[3] -> high one
                .put(0x26, 0xc7, 0x06, 0x00, 0x30, 0x83, 0x00) // mov word es:[3000h], 0083h    2 MiB page at 0
                .put(0x26, 0x66, 0xc7, 0x06, 0xb8, 0x4f) // mov dword es:[4fb8h],
                .put(0x93, 0x00, 0xe0, 0xfe) //       0fee00093h    uncached 2 MiB page of the local APIC
                .put(0x2e, 0x66, 0x0f, 0x01, 0x16, 0x00, GDT_POINTER >> 8) // lgdt cs:[GDT_POINTER]
                .put(0x2e, 0x66, 0x0f, 0x01, 0x1e, 0x10, IDT_POINTER >> 8) // lidt cs:[IDT_POINTER]
                .put(0x66, 0xb8, 0x20, 0x06, 0x00, 0x00) // mov eax, 620h     PAE, OSFXSR, OSXMMEXCPT
                .put(0x0f, 0x22, 0xe0) // mov cr4, eax
                .put(0x66, 0xb8, 0x00, 0x10, 0x00, 0x00) // mov eax, 1000h
                .put(0x0f, 0x22, 0xd8) // mov cr3, eax
                .put(0x66, 0xb9, 0x80, 0x00, 0x00, 0xc0) // mov ecx, 0c0000080h     the EFER register
                .put(0x0f, 0x32) // rdmsr
                .put(0x0d, 0x00, 0x01) // or ax, 100h       LME
                .put(0x0f, 0x30) // wrmsr
                .put(0x66, 0xb8, 0x33, 0x00, 0x00, 0x80) // mov eax, 80000033h     PG, NE, ET, MP, PE
                .put(0x0f, 0x22, 0xc0) // mov cr0, eax
                .put(0x66, 0xea, 0x00, LONG_MODE_CODE >> 8, 0x0f, 0x00, 0x08, 0x00); // jmp 0008h:000f0200h
    }

    private static void putDescriptorTables(RomImage rom) {
        rom.at(GDT_POINTER).put(0x17, 0x00).put(0x20, GDT >> 8, 0x0f, 0x00); // limit, linear address of GDT
        rom.at(IDT_POINTER).put(0x0f, 0x02).put(0x00, 0x50, 0x00, 0x00); // 33 gates at 5000h
        rom.at(GDT)
                .put(0, 0, 0, 0, 0, 0, 0, 0) // the null descriptor
                .put(0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xaf, 0x00) // 08h: 64-bit code
                .put(0xff, 0xff, 0x00, 0x00, 0x00, 0x93, 0xcf, 0x00); // 10h: data
    }

    /** 64-bit code: the loop, then a one-shot timer interrupt on vector 20h. */
    private static void putLongModeCode(RomImage rom) {
        rom.put(0xb8, 0x10, 0x00, 0x00, 0x00) // mov eax, 10h
                .put(0x8e, 0xd8) // mov ds, eax
                .put(0x8e, 0xc0) // mov es, eax
                .put(0x8e, 0xd0) // mov ss, eax
                .put(0xbc, 0x00, 0x70, 0x00, 0x00) // mov esp, 7000h
                .put(0xb0, LONG_MODE) // mov al, 'L'
                .put(0xe6, 0xe9) // out 0e9h, al
                .put(0xb9, 0x00, 0x00, 0x00, 0x02) // mov ecx, 2000000h     2^25 turns
                .put(0xff, 0xc9) // dec ecx
                .put(0x75, 0xfc) // jnz the dec
                .put(0xb0, FULL_SPEED) // mov al, 'S'
                .put(0xe6, 0xe9) // out 0e9h, al
                .put(0x0f, 0xa2) // cpuid
                .put(0x0f, 0x10, 0x44, 0x24, 0xf0) // movups xmm0, [rsp-10h]     SSE is on
                .put(0xc7, 0x04, 0x25, 0x00, 0x52, 0x00, 0x00) // mov dword [5200h],
                .put(0x00, TIMER_HANDLER >> 8, 0x08, 0x00) //       00080300h    gate 20h: selector, offset low
                .put(0xc7, 0x04, 0x25, 0x04, 0x52, 0x00, 0x00) // mov dword [5204h],
                .put(0x00, 0x8e, 0x0f, 0x00) //       000f8e00h    offset high, interrupt gate
                .put(0xbb, 0x00, 0x00, 0xe0, 0xfe) // mov ebx, 0fee00000h     the local APIC
                .put(0xc7, 0x83, 0xf0, 0x00, 0x00, 0x00, 0xff, 0x01, 0x00, 0x00) // mov dword [rbx+0f0h], 1ffh    on
                .put(
                        0xc7, 0x83, 0xe0, 0x03, 0x00, 0x00, 0x0b, 0x00, 0x00,
                        0x00) // mov dword [rbx+3e0h], 0bh     divide by 1
                .put(0xc7, 0x83, 0x20, 0x03, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00) // mov dword [rbx+320h], 20h     vector
                .put(0xc7, 0x83, 0x80, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00) // mov dword [rbx+380h], 10000h  start
                .put(0xfb) // sti
                .put(0xf4) // hlt
                .put(0xeb, 0xfd); // jmp the hlt
    }
}
