/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.schema.ModelSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The QEMU releases that the model knows, as scripts/qemu-releases.sh puts them into the cache. */
public enum QemuRelease {
    /** Debian 12's. */
    V7_2("7.2"),
    /** That of Debian 12's backports. */
    V10_0("10.0"),
    /** Debian sid's, when the model was made. */
    V11_1("11.1");

    /** A machine without anything, not even a processor. */
    static final List<String> NO_MACHINE = List.of("-M", "none");

    private final String release;

    QemuRelease(String release) {
        this.release = release;
    }

    /** {@return the name of the release in the model} */
    String release() {
        return release;
    }

    /**
     * Whether a QEMU is of the very version that the model was made from. Where the distribution has moved on, its interface may be more
     * than the model knows.
     */
    boolean isOfTheModel(QmpVersion running) {
        return ModelSchema.releases()
                .get(release)
                .equals(running.major() + "." + running.minor() + "." + running.micro());
    }

    /** Its program; see {@link #program(String)}. */
    Path program() {
        return program("qemu-system-x86_64");
    }

    /**
     * One of its programs. Skips the test where it is missing, or fails it where the build says that it must be there.
     *
     * @param name the program, such as {@code qemu-ga}
     * @return where it is
     */
    public Path program(String name) {
        Path program = cache().resolve("qemu").resolve(release).resolve(name);
        if (!Files.isExecutable(program)) {
            String missing = name + " of QEMU " + release + " is missing; ./verify puts it at " + program;
            if (Boolean.getBoolean("microvm.it.required")) {
                Assertions.fail(missing);
            }
            Assumptions.abort(missing);
        }
        return program;
    }

    /** Starts it with a machine; see {@link #program()}. */
    ReleaseSession start(Path folder, List<String> machine) {
        return ReleaseSession.start(program(), folder, machine);
    }

    /** Where the set-up scripts keep what they unpack; see scripts/cache.sh. */
    private static Path cache() {
        String set = System.getenv("MICROVM_CACHE");
        if (set != null) {
            return Path.of(set);
        }
        if (System.getProperty("user.name").equals("root")) {
            return Path.of("/var/cache/microvm");
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        return (xdg == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg)).resolve("microvm");
    }

    @Override
    public String toString() {
        return release;
    }
}
