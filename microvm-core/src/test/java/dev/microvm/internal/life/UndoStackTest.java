/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoStackTest {
    private final List<String> undone = new ArrayList<>();
    private final UndoStack stack = new UndoStack();

    @Test
    void undoesInReverseOrderAndOnlyOnce() {
        stack.push("first", () -> undone.add("first"));
        stack.push("second", () -> undone.add("second"));

        stack.close();
        stack.close();

        assertThat(undone).containsExactly("second", "first");
    }

    @Test
    void runsTheOthersWhereOneFails() {
        stack.push("first", () -> undone.add("first"));
        stack.push("second", () -> {
            throw new IllegalArgumentException("stuck");
        });
        stack.push("third", () -> {
            throw new IllegalArgumentException("stuck too");
        });

        assertThatThrownBy(stack::close)
                .hasMessage("could not undo: third")
                .hasRootCauseMessage("stuck too")
                .satisfies(failure -> assertThat(failure.getSuppressed()[0]).hasMessage("could not undo: second"));
        assertThat(undone).containsExactly("first");
    }

    @Test
    void restoresTheInterruptOfAStepThatWasInterrupted() {
        stack.push("only", () -> {
            throw new InterruptedException();
        });

        assertThatThrownBy(stack::close).isInstanceOf(IllegalStateException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
