/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.error.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a search or a probe of the host gives: the thing, or the problems that kept it from being found.
 *
 * @param <T> what is looked for
 */
public final class Finding<T> {
    private final @Nullable T value;
    private final List<Problem> problems;

    private Finding(@Nullable T value, List<Problem> problems) {
        this.value = value;
        this.problems = problems;
    }

    /** {@return a success} */
    public static <T> Finding<T> of(T value) {
        return new Finding<>(Objects.requireNonNull(value, "value"), List.of());
    }

    /** {@return a failure with one problem} */
    public static <T> Finding<T> problem(String subject, String detail, String cure) {
        return problems(List.of(new Problem(subject, detail, cure)));
    }

    /**
     * {@return a failure with its problems}
     *
     * @throws IllegalArgumentException if there are none
     */
    public static <T> Finding<T> problems(List<Problem> problems) {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("problems = []: a failure has at least one");
        }
        return new Finding<>(null, List.copyOf(problems));
    }

    /** {@return the thing looked for; empty exactly if there are problems} */
    public Optional<T> value() {
        return Optional.ofNullable(value);
    }

    /** {@return why it was not found; empty exactly if there is a value} */
    public List<Problem> problems() {
        return problems;
    }

    /** {@return the finding of a further step where this one succeeded, else this one's problems} */
    public <R> Finding<R> then(Function<T, Finding<R>> step) {
        return value == null ? problems(problems) : step.apply(value);
    }

    @Override
    public String toString() {
        return value == null ? "Finding" + problems : "Finding[" + value + "]";
    }
}
