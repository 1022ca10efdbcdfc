/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

/** How a process ended. */
public record ProcessExit(int code) {}
