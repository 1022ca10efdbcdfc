/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

/** The guest's serial console, written to a file by QEMU itself, so that it outlives the JVM. */
final class Console implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        out.option(
                "-chardev",
                OptionList.of("file")
                        .with("id", "console")
                        .with("path", in.paths().consoleLog())
                        .with("append", true),
                "the console's text, for people and for error messages; appended, so that its reader may empty the file");
        out.option("-serial", "chardev:console", "the first serial port, which the kernel has from its first line on");
    }
}
