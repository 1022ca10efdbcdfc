/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class HostProcessArgumentsTest {
    // Among them what Commons Exec itself would change: blanks at the ends, both kinds of quotes at once, ${x}.
    @Property(tries = 60)
    void passesArgumentsAsTheyAre(@ForAll @Size(max = 5) List<@From("arguments") String> arguments)
            throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("printf", "%s\\0", "first"));
        command.addAll(arguments);

        String output =
                HostProcess.run(command, Map.of(), Duration.ofSeconds(30)).text();

        assertThat(output).isEqualTo("first\0" + String.join("\0", arguments) + (arguments.isEmpty() ? "" : "\0"));
    }

    @Provide
    Arbitrary<String> arguments() {
        // Java 17 encodes arguments as the locale says, and in the C locale there are no umlauts.
        Charset locale = Charset.forName(System.getProperty("sun.jnu.encoding"));
        return Arguments.any().filter(text -> new String(text.getBytes(locale), locale).equals(text));
    }
}
