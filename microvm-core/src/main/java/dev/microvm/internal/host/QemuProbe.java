/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.spec.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds QEMU and asks for its version: {@code MICROVM_QEMU} (for x86_64) or {@code MICROVM_QEMU_AARCH64}, else {@code qemu-system-*} in
 * {@code PATH}, else {@code /usr/libexec/qemu-kvm}, where Red Hat's distributions put the one for the host's own architecture.
 */
public final class QemuProbe {
    /** Generous: the program is 20 MB and may come from a cold network file system. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Map<String, String> environment;
    private final HostPlatform platform;
    private final ProbeResults results;
    private final ProgramRunner runner;
    private final Path redHatPlace;

    QemuProbe(Map<String, String> environment, HostPlatform platform, ProbeResults results, ProgramRunner runner) {
        this(environment, platform, results, runner, Path.of("/usr/libexec/qemu-kvm"));
    }

    QemuProbe(
            Map<String, String> environment,
            HostPlatform platform,
            ProbeResults results,
            ProgramRunner runner,
            Path redHatPlace) {
        this.environment = Map.copyOf(environment);
        this.platform = platform;
        this.results = results;
        this.runner = runner;
        this.redHatPlace = redHatPlace;
    }

    /**
     * {@return the QEMU for an architecture, or what keeps it from being used and the cure}
     *
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Finding<QemuBinary> find(Architecture architecture) throws InterruptedException {
        String variable = variable(architecture);
        String given = environment.getOrDefault(variable, "");
        if (!given.isEmpty()) {
            return given(variable, Path.of(given));
        }
        Optional<Path> found = search(architecture);
        return found.isPresent() ? ask(found.get()) : missing(architecture);
    }

    /** {@return the variable that names the QEMU for an architecture} */
    static String variable(Architecture architecture) {
        return architecture == Architecture.X86_64 ? "MICROVM_QEMU" : "MICROVM_QEMU_" + architecture.name();
    }

    private Finding<QemuBinary> given(String variable, Path path) throws InterruptedException {
        if (!path.isAbsolute() || !ProgramSearch.isProgram(path)) {
            String state = !path.isAbsolute()
                    ? "is not an absolute path"
                    : !Files.exists(path)
                            ? "does not exist"
                            : Files.isRegularFile(path) ? "may not be executed by this user" : "is not a file";
            return Finding.problem(
                    "qemu",
                    variable + " = " + path + ", which " + state,
                    "set " + variable + " to a qemu-system-* program, or unset it to have PATH searched");
        }
        return ask(path);
    }

    private Optional<Path> search(Architecture architecture) {
        Optional<Path> inPath = ProgramSearch.find("qemu-system-" + architecture.qemuName(), environment);
        return inPath.isPresent() || !platform.architecture().equals(Optional.of(architecture))
                ? inPath
                : Optional.of(redHatPlace).filter(ProgramSearch::isProgram);
    }

    private Finding<QemuBinary> missing(Architecture architecture) {
        String program = "qemu-system-" + architecture.qemuName();
        String debian = architecture == Architecture.X86_64 ? "qemu-system-x86" : "qemu-system-arm";
        return Finding.problem(
                "qemu",
                "no " + program + " in PATH (" + environment.getOrDefault("PATH", "not set") + ")",
                "install it (Debian, Ubuntu: apt install " + debian + "; Fedora: dnf install " + debian
                        + "; Nix: nix-shell -p qemu) or set " + variable(architecture) + " to its path");
    }

    private Finding<QemuBinary> ask(Path path) throws InterruptedException {
        try {
            List<String> identity = new ArrayList<>(ProbeResults.identityOf(path));
            Optional<QemuVersion> known = results.find("qemu", identity).flatMap(QemuVersion::fromBanner);
            if (known.isPresent()) {
                return judge(path, known.get());
            }
            ProgramRunner.Outcome outcome = runner.run(List.of(path.toString(), "--version"), LIMIT);
            Optional<QemuVersion> said = QemuVersion.fromBanner(outcome.output());
            if (!outcome.exitedWith(0) || said.isEmpty()) {
                return notQemu(path, outcome.explained());
            }
            results.remember("qemu", identity, "version " + said.get());
            return judge(path, said.get());
        } catch (IOException e) {
            return notQemu(path, String.valueOf(e.getMessage()));
        }
    }

    private static Finding<QemuBinary> notQemu(Path path, String why) {
        return Finding.problem(
                "qemu",
                path + " --version did not print a QEMU version (" + why + ")",
                "name a working qemu-system-* program in MICROVM_QEMU, or install one");
    }

    private static Finding<QemuBinary> judge(Path path, QemuVersion version) {
        return version.compareTo(QemuVersion.OLDEST) < 0
                ? Finding.problem(
                        "qemu",
                        path + " is QEMU " + version + "; the oldest accepted is " + QemuVersion.OLDEST,
                        "install a newer QEMU and name it in MICROVM_QEMU")
                : Finding.of(QemuBinary.of(path, version));
    }
}
