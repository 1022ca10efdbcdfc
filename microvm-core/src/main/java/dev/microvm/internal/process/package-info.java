/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Supervision of programs on the host: {@link dev.microvm.internal.process.HostProcess} runs one for this JVM,
 * {@link dev.microvm.internal.process.Lifeline} runs those of a VM so that none outlives the JVM. The only user of Commons Exec.
 */
@NullMarked
package dev.microvm.internal.process;

import org.jspecify.annotations.NullMarked;
