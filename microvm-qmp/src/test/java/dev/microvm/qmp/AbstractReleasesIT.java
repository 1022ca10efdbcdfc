/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A session with a release of QEMU, with options and a process to look at; {@link QemuRelease} where neither is wanted. */
abstract class AbstractReleasesIT {
    static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

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

    void session(QemuRelease release, QmpOptions options, Session session, String... arguments) throws Exception {
        Path socket = folder.resolve("qmp.sock");
        List<String> all = new ArrayList<>(List.of("-qmp", "unix:" + socket));
        all.addAll(List.of(arguments));
        try (QmpListener listener = QmpListener.bind(socket, options);
                QemuUnderTest qemu =
                        QemuUnderTest.startProgram(release.program().toString(), all.toArray(String[]::new));
                QmpClient client = listener.accept(LONG, qemu.process().onExit())) {
            session.with(client, qemu);
        }
    }

    static RawCommand raw(String command, String arguments) {
        return new RawCommand(command, (JsonValue.Obj) JsonValue.parse(arguments));
    }
}
