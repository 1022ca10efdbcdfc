/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpVersion;
import dev.microvm.qmp.command.DeviceDel;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.RunState;
import dev.microvm.qmp.model.StatusInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the package's documentation is code that is compiled and run: it stands here once more. */
class PackageExampleTest {
    private static final String FOLDER = "java/dev/microvm/qmp/testing/";

    @TempDir
    Path folder;

    @Test
    void worksAsTheDocumentationShowsIt() {
        Path socket = folder.resolve("q");
        try (FakeQmpServer qemu = FakeQmpServer.qemu().version(new QmpVersion(10, 0, 2, ""))) {
            qemu.on("query-status").reply(new StatusInfo(false, RunState.PAUSED, null));
            qemu.on("device_del").reply().emit("DEVICE_DELETED", JsonValue.parse("{\"path\": \"/machine/n0\"}"));
            qemu.once("eject").error("GenericError", "Device 'cd0' is locked");
            qemu.on("migrate").delay(Duration.ofSeconds(1)).thenDisconnect();
            qemu.listen(socket);

            try (QmpClient client = QmpClient.connect(socket, QmpOptions.defaults())) {
                if (client.execute(QueryStatus.of()).status().equals(RunState.PAUSED)) {
                    client.execute(DeviceDel.of("n0"));
                }
            }
            FakeRequest request = qemu.awaitRequest("device_del", Duration.ofSeconds(5));
            if (!request.arguments().string("id").equals("n0")) {
                throw new AssertionError("another device was removed: " + request);
            }
        }
    }

    @Test
    void isTheDocumentedOne() throws IOException {
        Matcher example = Pattern.compile("<pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("src/main", FOLDER, "package-info.java")));
        assertThat(example.find()).isTrue();
        String documented = example.group(1).replaceAll("(?m)^ \\*", "");
        String here = Files.readString(Path.of("src/test", FOLDER, "PackageExampleTest.java"));
        assertThat(squeezed(here)).contains(squeezed(documented));
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
