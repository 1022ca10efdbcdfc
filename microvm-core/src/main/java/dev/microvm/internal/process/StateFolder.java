/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The folder of one VM: made by the lifeline, removed by the lifeline, and from here where the lifeline could not. */
public final class StateFolder {
    /** The lifeline's program; what tells a state folder from any other. */
    public static final String SCRIPT = "lifeline.sh";

    private StateFolder() {}

    /** {@return the text of the lifeline's program} */
    static String script() {
        try (InputStream script = Objects.requireNonNull(StateFolder.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
