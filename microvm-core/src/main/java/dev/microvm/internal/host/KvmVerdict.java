/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

/**
 * Whether KVM can be used, and how that is known.
 *
 * @param usable whether a virtual CPU ran what a kernel needs
 * @param reason what was tried and what QEMU said, for people
 * @param cure what to do where it is not usable; empty where it is
 */
public record KvmVerdict(boolean usable, String reason, String cure) {}
