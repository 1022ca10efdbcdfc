/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.FailureReport;
import dev.microvm.error.MicroVmException;
import dev.microvm.error.Phase;
import dev.microvm.error.PreflightException;
import dev.microvm.error.Problem;
import dev.microvm.error.VmCancelledException;
import dev.microvm.internal.host.HostPlatform;
import dev.microvm.internal.host.HostProbe;
import dev.microvm.internal.life.StateRoot;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostServiceProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A host that runs VMs: owns the threads, the state root, the cache folder and what was found out about the host. One is enough for a
 * program; closing it stops its VMs and ends its threads, and nothing of the library stays behind in the JVM (no static state, no
 * shutdown hook).
 */
public final class VmHost implements AutoCloseable {
    private static final Duration THREADS_END = Duration.ofSeconds(5);

    private final Map<String, String> environment;
    private final List<HostServiceProvider> registered;
    private final boolean lookUp;
    private final int uid;
    private final HostProbe probe;
    private final StateRoot stateRoot;
    private final ExecutorService threads;
    private final Residents residents = new Residents();
    private @Nullable List<HostServiceProvider> providers;

    private VmHost(Builder builder) {
        this.environment = Map.copyOf(builder.environment);
        this.registered = List.copyOf(builder.registered);
        this.lookUp = builder.lookUp;
        this.uid = HostPlatform.current().problem().isPresent() ? -1 : ownerOf(builder.self);
        this.probe = new HostProbe(environment);
        this.stateRoot = StateRoot.choose(environment, uid);
        AtomicInteger number = new AtomicInteger();
        this.threads =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new HostThread(task, "microvm-host-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** {@return a host with the JVM's environment and the providers found beside this library} */
    public static VmHost create() {
        return builder().build();
    }

    /** {@return a new builder} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return what a start would do, with every problem it would have; starts nothing}
     *
     * @param spec what the VM would be
     */
    public Preflight preflight(VmSpec spec) {
        return preflight(spec, LaunchOptions.DEFAULTS);
    }

    /**
     * Looks at the spec and at the host without starting anything. QEMU may be run for a moment to find out its version, whether KVM works
     * and the rate of the time stamp counter; the answers are cached.
     *
     * @param spec what the VM would be
     * @param options how it would be started; a root caller's choice of QEMU's user changes what is readable
     * @return what a start would do, with every problem it would have
     */
    public Preflight preflight(VmSpec spec, LaunchOptions options) {
        return HostPlatform.current()
                .problem()
                .map(problem -> new Preflight(spec, List.of(problem), List.of(), List.of()))
                .orElseGet(() -> plan(spec, options).preflight(probe));
    }

    /**
     * Starts a VM with the default options; see {@link #start(VmSpec, LaunchOptions)}.
     *
     * @param spec what the VM is; not changed, usable again
     * @return the running VM; close it, or it ends with this host
     */
    public MicroVm start(VmSpec spec) {
        return start(spec, LaunchOptions.DEFAULTS);
    }

    /**
     * Starts a VM and returns when everything the spec asks for is there. Where anything fails, everything done so far is undone first.
     *
     * @param spec what the VM is; not changed, usable again
     * @param options how it is started: limits, QEMU's user, who listens
     * @return the running VM; close it, or it ends with this host
     * @throws PreflightException if the spec or the host does not allow it: all problems at once, nothing started
     * @throws dev.microvm.error.VmStartException if a program could not be run, a service did not come up or a mount failed
     * @throws dev.microvm.error.VmTimeoutException if a phase ran out of its limit
     * @throws dev.microvm.error.VmExitedException if QEMU ended meanwhile, for example because the guest's kernel panicked
     * @throws dev.microvm.error.VmCancelledException if the calling thread is interrupted; its flag is set again
     * @throws IllegalStateException if this host is closed
     */
    public MicroVm start(VmSpec spec, LaunchOptions options) {
        residents.beginStart();
        try {
            MicroVm vm = startRegistered(spec, options);
            residents.add(vm);
            var unused = vm.onExit().whenComplete((exit, failure) -> residents.remove(vm));
            return vm;
        } finally {
            residents.endStart();
        }
    }

    private MicroVm startRegistered(VmSpec spec, LaunchOptions options) {
        long begin = System.nanoTime();
        Phases phases = new Phases(options.listener());
        phases.begin(Phase.PREFLIGHT);
        // On another system nothing more can be found out, nor would it be worth telling.
        HostPlatform.current().problem().ifPresent(problem -> {
            throw refused(spec, List.of(problem), begin);
        });
        LaunchPlan plan = plan(spec, options);
        if (!plan.problems().isEmpty()) {
            throw refused(spec, plan.problems(), begin);
        }
        plan.choices().forEach(choice -> phases.note(choice));
        phases.complete();
        return new StartSequence(this, plan, options, phases).run();
    }

    private static PreflightException refused(VmSpec spec, List<Problem> problems, long begin) {
        return new PreflightException(
                problems,
                FailureReport.of(
                        "start VM \"" + spec.name() + "\"",
                        Phase.PREFLIGHT,
                        Duration.ofNanos(System.nanoTime() - begin),
                        "nothing was started",
                        ""));
    }

    private LaunchPlan plan(VmSpec spec, LaunchOptions options) {
        long begin = System.nanoTime();
        try {
            LaunchPlan plan = new LaunchPlanner(this, options).plan(spec);
            if (Thread.interrupted()) {
                // What was found out with the flag set may be wrong: an interrupt closes the file that is being read.
                throw new InterruptedException("interrupted");
            }
            return plan;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmCancelledException(
                    "interrupted while looking at the host",
                    FailureReport.of(
                            "preflight of VM \"" + spec.name() + "\"",
                            Phase.PREFLIGHT,
                            Duration.ofNanos(System.nanoTime() - begin),
                            "nothing was started",
                            ""),
                    e);
        }
    }

    /**
     * Stops all VMs of this host side by side, each by its ladder; a start under way in another thread is cancelled and undone. Then the
     * host's threads end. Can be called more than once; a later call does not wait for an earlier one.
     *
     * @throws MicroVmException if VMs could not be stopped in order or not everything they used could be released; it names them, and
     *     holds what {@link MicroVm#close()} threw for the first as its cause, for the others as suppressed. All others are stopped by then
     */
    @Override
    public void close() {
        long begin = System.nanoTime();
        Optional<List<Residents.Unstopped>> unstopped = residents.close();
        if (unstopped.isPresent()) {
            // No interrupts: what runs there ends by itself now, and may be code of a caller of onExit.
            threads.shutdown();
            awaitThreads();
            tell(unstopped.get(), Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private static void tell(List<Residents.Unstopped> unstopped, Duration elapsed) {
        if (unstopped.isEmpty()) {
            return;
        }
        String names = unstopped.stream()
                .map(one -> "\"" + one.vm().spec().name() + "\" (" + one.vm().stateFolder() + ")")
                .collect(Collectors.joining(", "));
        Throwable first = unstopped.get(0).failure();
        MicroVmException failure = new MicroVmException(
                "VMs that were not stopped in order when their VmHost was closed: " + names,
                FailureReport.of("close a VmHost", Phase.STOPPING, elapsed, String.valueOf(first.getMessage()), ""),
                first);
        unstopped.stream().skip(1).forEach(one -> failure.addSuppressed(one.failure()));
        throw failure;
    }

    private void awaitThreads() {
        if (Thread.currentThread() instanceof HostThread) {
            return; // a VM that ended by itself closes its host from one of them
        }
        try {
            if (!threads.awaitTermination(THREADS_END.toMillis(), TimeUnit.MILLISECONDS)) {
                System.getLogger(VmHost.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "threads of a closed VmHost still run after {0}",
                                THREADS_END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return the folder for what outlives VMs: initramfs images, unpacked kernels, what was probed; {@code MICROVM_CACHE} names another} */
    public Path cacheFolder() {
        return probe.cache().root();
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Looked for when a spec first has something to serve: it opens every jar of the class path, which takes 40 ms in a fresh JVM. */
    synchronized List<HostServiceProvider> providers() {
        if (providers == null) {
            List<HostServiceProvider> all = new ArrayList<>(registered);
            if (lookUp) {
                // By this library's own loader: the thread's context loader is somebody else's in an IDE or an
                // application server.
                ServiceLoader.load(HostServiceProvider.class, HostServiceProvider.class.getClassLoader())
                        .forEach(all::add);
            }
            providers = List.copyOf(all);
        }
        return providers;
    }

    int uid() {
        return uid;
    }

    HostProbe probe() {
        return probe;
    }

    StateRoot stateRoot() {
        return stateRoot;
    }

    ExecutorService threads() {
        return threads;
    }

    /** Tells a host's own threads from those of its callers. */
    private static final class HostThread extends Thread {
        HostThread(Runnable task, String name) {
            super(task, name);
        }
    }

    private static int ownerOf(Path self) {
        try {
            return (Integer) Files.getAttribute(self, "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the caller's user id from " + self, e);
        }
    }

    /** Builds a {@link VmHost}; not thread-safe. */
    public static final class Builder {
        private Map<String, String> environment = System.getenv();
        private final List<HostServiceProvider> registered = new ArrayList<>();
        private boolean lookUp = true;
        private Path self = Path.of("/proc/self");

        private Builder() {}

        /**
         * Sets the variables that overrides are read from ({@code MICROVM_QEMU}, {@code PATH}, ...) instead of the JVM's environment.
         *
         * @param variables copied; one that is missing is as if unset
         * @return this builder
         */
        public Builder environment(Map<String, String> variables) {
            this.environment = Map.copyOf(variables);
            return this;
        }

        /**
         * Adds a provider, before those that are found.
         *
         * @param provider asked in the order of adding, before those that are found
         * @return this builder
         */
        public Builder addProvider(HostServiceProvider provider) {
            registered.add(provider);
            return this;
        }

        /**
         * Uses the added providers only.
         *
         * @return this builder
         */
        public Builder withoutLookUp() {
            this.lookUp = false;
            return this;
        }

        /** For tests: whose owner is the caller. */
        Builder self(Path folder) {
            this.self = folder;
            return this;
        }

        /**
         * {@return the host; on another system than Linux too, where its preflight and its starts tell so}
         *
         * @throws UncheckedIOException if this is Linux and {@code /proc/self}, which names the caller, cannot be read
         */
        public VmHost build() {
            return new VmHost(this);
        }
    }
}
