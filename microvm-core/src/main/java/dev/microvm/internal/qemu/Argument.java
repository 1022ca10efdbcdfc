/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

/**
 * One word of a command line.
 *
 * @param text the word as the program receives it: no quotes, no shell
 * @param reason why it is there; an option and its value share one reason
 */
public record Argument(String text, String reason) {}
