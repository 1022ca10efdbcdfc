/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import java.util.List;
import java.util.stream.Collectors;

/** The spec or the host does not allow a start; nothing was started. It carries every problem, not only the first. */
public final class PreflightException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /**
     * Creates one from the problems found, at least one.
     *
     * @param problems each with its cure, in the order in which they are shown; copied
     * @param report in phase {@code PREFLIGHT}, without tails: nothing ran
     */
    public PreflightException(List<Problem> problems, FailureReport report) {
        super(headline(problems), report, null);
        this.problems = List.copyOf(problems);
    }

    private static String headline(List<Problem> problems) {
        return problems.size() + (problems.size() == 1 ? " problem" : " problems") + " found before the start:"
                + problems.stream().map(problem -> "\n  - " + problem).collect(Collectors.joining());
    }

    /** {@return all problems found} */
    public List<Problem> problems() {
        return problems;
    }
}
