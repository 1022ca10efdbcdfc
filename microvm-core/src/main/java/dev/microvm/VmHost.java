/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

/** Placeholder to be replaced by the live side in the same change. */
final class VmHost {}
