/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.internal.process.Lifeline;
import dev.microvm.internal.process.LifelineOptions;
import dev.microvm.internal.process.SpawnRequest;
import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A folder and a lifeline for one daemon that belongs to no VM of this library. The folder holds the socket, the pid file and the daemon's
 * output; it is the lifeline's, so that all of it goes however this JVM ends.
 */
final class OwnHome implements DaemonHome {
    private static final String SOCKET = "fs.sock";

    private final Lifeline lifeline;
    private final Map<String, String> environment;

    private OwnHome(Lifeline lifeline, Map<String, String> environment) {
        this.lifeline = lifeline;
        this.environment = environment;
    }

    /** Makes the folder, which must not exist, and starts the lifeline. */
    static OwnHome in(Path folder, String tag, Map<String, String> environment) throws InterruptedException {
        return new OwnHome(
                Lifeline.start(LifelineOptions.of(Virtiofsd.processName(tag), folder.toAbsolutePath())
                        .withBaseEnvironment(environment)),
                environment);
    }

    /** {@return a folder that does not exist, in the place for such things} */
    static Path newFolder(Map<String, String> environment) {
        Path parent = absolute(environment, "XDG_RUNTIME_DIR")
                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
        return parent.resolve("microvm-fs-" + UUID.randomUUID().toString().substring(0, 8));
    }

    private static Optional<Path> absolute(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(text -> !text.isEmpty())
                .map(Path::of)
                .filter(Path::isAbsolute);
    }

    Path folder() {
        return lifeline.stateFolder();
    }

    @Override
    public Path socket() {
        return folder().resolve(SOCKET);
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    /** The same folder as a VM's. */
    @Override
    public Path cacheFolder() {
        return absolute(environment, "MICROVM_CACHE").orElseGet(() -> {
            if (Caller.current().isRoot()) {
                return Path.of("/var/cache/microvm");
            }
            return absolute(environment, "XDG_CACHE_HOME")
                    .orElseGet(() -> absolute(environment, "HOME")
                            .orElseGet(() -> Path.of(System.getProperty("user.home")))
                            .resolve(".cache"))
                    .resolve("microvm");
        });
    }

    /** Who runs QEMU is not known here. */
    @Override
    public OptionalInt qemuUid() {
        return OptionalInt.empty();
    }

    @Override
    public SupervisedProcess spawn(String name, List<String> command, Map<String, String> variables)
            throws InterruptedException {
        return lifeline.spawn(SpawnRequest.of(name, command).withEnvironment(variables));
    }

    @Override
    public void close() {
        lifeline.close();
    }
}
