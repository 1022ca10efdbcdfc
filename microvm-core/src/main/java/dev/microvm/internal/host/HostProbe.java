/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Everything that is found out about the host, from one environment: the way into this package. Holds no resources and remembers nothing but
 * in the cache folder; it can be used by several threads.
 */
public final class HostProbe {
    private final HostPlatform platform;
    private final CacheFolder cache;
    private final QemuProbe qemu;
    private final AcceleratorChooser accelerators;
    private final TscProbe tsc;
    private final KernelFinder kernels;
    private final Zstd zstd;
    private final UncompressedKernel uncompressed;

    /**
     * Reads {@code MICROVM_*}, {@code PATH}, {@code HOME} and {@code XDG_CACHE_HOME} from the environment given.
     *
     * @param environment usually {@code System.getenv()}
     */
    public HostProbe(Map<String, String> environment) {
        this(environment, HostPlatform.current(), new HostProcessRunner());
    }

    HostProbe(Map<String, String> environment, HostPlatform platform, ProgramRunner runner) {
        this.platform = platform;
        this.cache = CacheFolder.of(environment);
        ProbeResults results = new ProbeResults(cache);
        String bootId = bootId();
        this.qemu = new QemuProbe(environment, platform, results, runner);
        this.accelerators = new AcceleratorChooser(platform, new KvmProbe(results, runner, bootId));
        this.tsc = new TscProbe(cache, runner, bootId);
        this.zstd = new Zstd(environment, runner);
        this.kernels = new KernelFinder(environment, cache, zstd);
        this.uncompressed = new UncompressedKernel(cache, zstd);
    }

    /** A host that does not say gets an id of its own each time: nothing is remembered then, which costs only time. */
    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown-" + System.nanoTime();
        }
    }

    /** {@return the cache folder} */
    public CacheFolder cache() {
        return cache;
    }

    /** {@return finds kernels} */
    public KernelFinder kernels() {
        return kernels;
    }

    /** {@return unpacks x86 kernels, so that no guest has to} */
    public UncompressedKernel uncompressed() {
        return uncompressed;
    }

    /** {@return unpacks modules compressed with zstd} */
    public Zstd zstd() {
        return zstd;
    }

    /** {@return the QEMU for an architecture, or why there is none} */
    public Finding<QemuBinary> qemu(Architecture architecture) throws InterruptedException {
        return platform.problem().isPresent()
                ? Finding.problems(platform.problem().stream().toList())
                : qemu.find(architecture);
    }

    /**
     * {@return the facts that a command line depends on, or the first problems met}
     *
     * @param spec what is to run
     * @param machine the machine type it will run on
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Finding<HostFacts> facts(VmSpec spec, MachineType machine) throws InterruptedException {
        Finding<QemuBinary> binary = qemu(spec.architecture());
        if (binary.value().isEmpty()) {
            return Finding.problems(binary.problems());
        }
        QemuBinary found = binary.value().get();
        Finding<AcceleratorChoice> choice =
                accelerators.choose(spec.accelerator(), spec.architecture(), found, machine, spec.cpu());
        if (choice.value().isEmpty()) {
            return Finding.problems(choice.problems());
        }
        return withTsc(found, choice.value().get(), spec.architecture(), machine);
    }

    private Finding<HostFacts> withTsc(
            QemuBinary found, AcceleratorChoice choice, Architecture guest, MachineType machine)
            throws InterruptedException {
        if (choice.kind() == Accelerator.KVM || guest != Architecture.X86_64 || !isX86Host()) {
            return Finding.of(new HostFacts(found, choice, OptionalLong.empty()));
        }
        return tsc.rate(found, machine)
                .then(rate -> Finding.of(new HostFacts(found, choice, OptionalLong.of(rate.khz()))));
    }

    /** Elsewhere TCG makes the counter up from other clocks; no such host was there to try. */
    private boolean isX86Host() {
        return platform.architecture().filter(Architecture.X86_64::equals).isPresent();
    }
}
