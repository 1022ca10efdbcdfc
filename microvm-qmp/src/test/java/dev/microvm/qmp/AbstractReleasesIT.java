/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A session with each release of QEMU that the library knows; they stand in the cache, put there by {@code scripts/qemu-releases.sh}. */
abstract class AbstractReleasesIT {
    static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    static Stream<String> releases() {
        return Stream.of("7.2", "10.0", "11.1");
    }

    /** What a test does with a session. */
    interface Session {
        void with(QmpClient client, QemuUnderTest qemu) throws Exception;
    }

    static QmpOptions.Builder options() {
        return QmpOptions.builder()
                .name("it")
                .transport(TransportKind.JUNIXSOCKET)
                .connectTimeout(LONG)
                .commandTimeout(LONG)
                .socketWait(LONG);
    }

    void session(String release, QmpOptions options, Session session, String... arguments) throws Exception {
        Path socket = folder.resolve("qmp.sock");
        List<String> all = new ArrayList<>(List.of("-qmp", "unix:" + socket));
        all.addAll(List.of(arguments));
        try (QmpListener listener = QmpListener.bind(socket, options);
                QemuUnderTest qemu = QemuUnderTest.startProgram(program(release), all.toArray(String[]::new));
                QmpClient client = listener.accept(LONG, qemu.process().onExit())) {
            session.with(client, qemu);
        }
    }

    static String program(String release) {
        String cache = Optional.ofNullable(System.getenv("MICROVM_CACHE"))
                .or(() -> System.getProperty("user.name").equals("root")
                        ? Optional.of("/var/cache/microvm")
                        : Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).map(each -> each + "/microvm"))
                .orElse(System.getProperty("user.home") + "/.cache/microvm");
        Path program = Path.of(cache, "qemu", release, "qemu-system-x86_64");
        if (!Files.isExecutable(program) && Boolean.getBoolean("microvm.it.required")) {
            fail(program + " is missing, and -Dmicrovm.it.required=true says that it must not be");
        }
        assumeTrue(Files.isExecutable(program), program + " is missing");
        return program.toString();
    }

    static RawCommand raw(String command, String arguments) {
        return new RawCommand(command, (JsonValue.Obj) JsonValue.parse(arguments));
    }
}
