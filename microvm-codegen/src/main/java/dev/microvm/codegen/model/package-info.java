/* SPDX-License-Identifier: Apache-2.0 */
/** The merged model, its names and its file. */
@NullMarked
package dev.microvm.codegen.model;

import org.jspecify.annotations.NullMarked;
