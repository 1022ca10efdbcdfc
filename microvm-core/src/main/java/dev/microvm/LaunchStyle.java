/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.immutables.value.Value;

/** How Immutables writes this package's options; the same as in {@code dev.microvm.spec}. */
@Value.Style(
        visibility = Value.Style.ImplementationVisibility.PACKAGE,
        overshadowImplementation = true,
        depluralize = true,
        jdkOnly = true,
        jdk9Collections = true,
        throwForInvalidImmutableState = IllegalArgumentException.class,
        defaults = @Value.Immutable(copy = false))
@Target({ElementType.PACKAGE, ElementType.TYPE})
@Retention(RetentionPolicy.SOURCE)
@interface LaunchStyle {}
