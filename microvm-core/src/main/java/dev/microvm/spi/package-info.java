/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How other modules add behaviour to values of a spec: a {@link dev.microvm.spi.HostServiceProvider} recognises a share or an
 * extension and gives a {@link dev.microvm.spi.HostService} that lives as long as the VM.
 */
@NullMarked
package dev.microvm.spi;

import org.jspecify.annotations.NullMarked;
