/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What can go wrong, completely told: unchecked exceptions that carry a {@link dev.microvm.error.FailureReport}. They stand in a
 * package of their own at the bottom of the library, so that the guest side, the services and the live side can all throw them.
 */
@NullMarked
package dev.microvm.error;

import org.jspecify.annotations.NullMarked;
