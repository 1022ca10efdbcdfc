/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.GuestProcess;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A guest that prints several times more to its console than the host is willing to keep. */
class ConsoleLimitIT {
    private static final long MAX_BYTES = 128 << 10;
    private static final int LINES = 16_000;
    /** With CR and LF. */
    private static final int LINE_BYTES = 40;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @Test
    void hostFilesStaySmallAndTheConsoleGoesOn() throws Exception {
        LaunchOptions options =
                LaunchOptions.builder().maxConsoleLogBytes(MAX_BYTES).build();
        VmSpec spec = VmSpec.builder()
                .name("talker")
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec, options)) {
            assertThat(vm.commandLine()).anyMatch(argument -> argument.text().endsWith("/console.log,append=on"));
            List<String> numbered = Collections.synchronizedList(new ArrayList<>());
            AtomicInteger ended = new AtomicInteger();
            Path file = vm.stateFolder().resolve("console.log");
            Path earlier = vm.stateFolder().resolve("console.log.1");
            long largest = 0;
            long began = System.nanoTime();
            var unused = vm.console().onLine(line -> {
                if (line.startsWith("number ")) {
                    numbered.add(line);
                } else if (line.equals("the end")) {
                    ended.incrementAndGet();
                }
            });
            try (GuestProcess talking = vm.shell()
                    .start(ExecRequest.sh(
                            "exec seq -f 'number %08.0f 0123456789abcdefghijkl' 1 " + LINES + " >/dev/console"))) {
                while (talking.isAlive()) {
                    largest = Math.max(largest, Files.size(file));
                    assertThat(largest).as("%s", file).isLessThan(2 * MAX_BYTES);
                    // Not spinning: on a busy machine that would take the time of the reader, which is when lines are
                    // lost.
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                assertThat(talking.await(Duration.ofMinutes(2)).orFail().isSuccess())
                        .isTrue();
                double seconds = (System.nanoTime() - began) / 1e9;
                // More than once, for any one line may be the one that is lost.
                vm.shell()
                        .sh("for i in 1 2 3; do echo the end >/dev/console; sleep 0.1; done")
                        .orFail();

                assertThat(vm.console().awaitMatch(Pattern.compile("^the end$"), Duration.ofSeconds(20)))
                        .isEqualTo("the end");
                assertThat(vm.console().tail(1)).containsExactly("the end");
                assertThat(vm.console().text()).as("what memory holds").contains("number 00015");
                assertThat(HostProcesses.within(Duration.ofSeconds(10), () -> ended.get() > 0))
                        .as("the sink has it too")
                        .isTrue();
                System.out.printf(
                        "%d bytes in %.1f s; console.log had %d at most, console.log.1 has %d; %d of %d lines came%n",
                        LINES * LINE_BYTES, seconds, largest, Files.size(earlier), numbered.size(), LINES);
            }

            assertThat(Files.size(earlier)).as("what is kept of before").isBetween(MAX_BYTES / 2, 2 * MAX_BYTES);
            assertThat(numbered)
                    .as("what is lost each of the some %d times", LINES * LINE_BYTES / MAX_BYTES)
                    .hasSizeGreaterThan(LINES * 9 / 10);
            assertThat(numbered).isSorted().doesNotHaveDuplicates();
        }
    }
}
