/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.util.List;

/** What a guest command did. */
public record ExecResult(List<String> command, int exitCode, byte[] stdoutBytes, byte[] stderrBytes) {}
