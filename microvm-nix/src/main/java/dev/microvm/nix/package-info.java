/* SPDX-License-Identifier: Apache-2.0 */
/** The Nix store of the host in a guest: database, dump, load; the spec extension that shares it. */
@NullMarked
package dev.microvm.nix;

import org.jspecify.annotations.NullMarked;
