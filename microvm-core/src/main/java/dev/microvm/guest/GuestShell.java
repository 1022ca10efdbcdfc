/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

/** Runs commands in a guest. */
public interface GuestShell {
    /** Runs a program and waits for its end; the arguments arrive unchanged, no shell reads them. */
    ExecResult exec(String... command);
}
