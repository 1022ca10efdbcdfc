/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.internal.process.Lifeline;
import dev.microvm.internal.process.LifelineOptions;
import dev.microvm.internal.process.SpawnRequest;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A VM without QEMU: a real lifeline, and a folder for sockets that any user may use. */
final class LifelineContext implements HostContext, AutoCloseable {
    private final Lifeline lifeline;
    private final Path sockets;
    private final Map<String, String> environment = new HashMap<>(System.getenv());
    private Optional<SpawnRequest.RunAs> runAs = Optional.empty();
    private String nameSuffix = "";
    private OptionalInt qemuUid = OptionalInt.empty();

    LifelineContext(Path folder) throws IOException, InterruptedException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        this.sockets = Files.createDirectory(folder.resolve("sockets"));
        Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString("rwxrwxrwx"));
        this.lifeline = Lifeline.start(LifelineOptions.of("virtiofsd-test", folder.resolve("state")));
    }

    LifelineContext with(String variable, Path value) {
        environment.put(variable, value.toString());
        return this;
    }

    /** {@return the real virtiofsd; where there is none the test is skipped, or fails if it is required} */
    Path realVirtiofsd() throws InterruptedException {
        Optional<Path> real =
                VirtiofsdProbe.run(environment, cacheFolder()).program().map(VirtiofsdProbe.Program::path);
        assertThat(real.isPresent() || !Boolean.getBoolean("microvm.it.required"))
                .as("virtiofsd")
                .isTrue();
        assumeTrue(real.isPresent(), "no virtiofsd");
        return real.orElseThrow();
    }

    LifelineContext runningAs(int uid, int gid) {
        runAs = Optional.of(new SpawnRequest.RunAs(uid, gid, List.of()));
        return this;
    }

    /** A second daemon for the same share needs another name. */
    LifelineContext named(String suffix) {
        nameSuffix = "-" + suffix;
        return this;
    }

    LifelineContext withQemuUid(int uid) {
        qemuUid = OptionalInt.of(uid);
        return this;
    }

    @Override
    public VmSpec spec() {
        return VmSpec.builder().name("test").boot(BootSource.hostRoot()).build();
    }

    @Override
    public Path stateFolder() {
        return lifeline.stateFolder();
    }

    @Override
    public Path cacheFolder() {
        String set = System.getenv("MICROVM_CACHE");
        if (set != null) {
            return Path.of(set);
        }
        String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", System.getProperty("user.home") + "/.cache");
        return Caller.current().isRoot() ? Path.of("/var/cache/microvm") : Path.of(xdg, "microvm");
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public Path socketOf(Share share) {
        return sockets.resolve(share.tag() + ".sock");
    }

    @Override
    public OptionalInt qemuUid() {
        return qemuUid;
    }

    @Override
    public SupervisedProcess spawn(String name, List<String> command, Map<String, String> additions)
            throws InterruptedException {
        return lifeline.spawn(new SpawnRequest(name + nameSuffix, command, additions, runAs));
    }

    @Override
    public void close() {
        lifeline.close();
    }

    Lifeline lifeline() {
        return lifeline;
    }
}
