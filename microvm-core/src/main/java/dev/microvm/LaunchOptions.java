/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import java.time.Duration;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * How a VM is started, as opposed to what it is: limits, who QEMU runs as, who listens.
 *
 * <p>Limits are for KVM-like speed; where QEMU has to translate instructions (TCG) each is taken {@value #TCG_FACTOR} times.
 */
@Value.Immutable
@LaunchStyle
public sealed interface LaunchOptions permits ImmutableLaunchOptions {
    /** How much longer everything in a guest may take under TCG. */
    int TCG_FACTOR = 4;

    /** The smallest limit of {@code console.log}: twice what is kept in memory anyway. */
    long MIN_CONSOLE_LOG_BYTES = 128 << 10;

    /** The defaults. */
    LaunchOptions DEFAULTS = builder().build();

    /** {@return for the host's part: services, QEMU's start, QMP; default 15 s each} */
    @Value.Default
    default Duration hostLimit() {
        return Duration.ofSeconds(15);
    }

    /** {@return from QEMU's start to the first byte on the guest's console; default 10 s} */
    @Value.Default
    default Duration kernelLimit() {
        return Duration.ofSeconds(10);
    }

    /** {@return from there to the first word of the guest's control loop; default 30 s} */
    @Value.Default
    default Duration agentLimit() {
        return Duration.ofSeconds(30);
    }

    /** {@return for all mounts, and for the services' work in the mounted guest; default 60 s} */
    @Value.Default
    default Duration mountLimit() {
        return Duration.ofSeconds(60);
    }

    /** {@return how long the guest may take to end when {@link MicroVm#close()} asks it; the harsher rungs add 10 s at most; default 20 s} */
    @Value.Default
    default Duration stopLimit() {
        return Duration.ofSeconds(20);
    }

    /** {@return who QEMU runs as; default {@link QemuUser#UNPRIVILEGED}} */
    @Value.Default
    default QemuUser qemuUser() {
        return QemuUser.UNPRIVILEGED;
    }

    /** {@return whether the state folder (console, QEMU's stderr, {@code run.sh}) outlives the VM; default {@link Keep#NEVER}} */
    @Value.Default
    default Keep keepStateFolder() {
        return Keep.NEVER;
    }

    /**
     * {@return how large {@code console.log} may become in the state folder, which often lies in memory; default 4 MiB, 0 for no limit}
     *
     * <p>Once the file is that large (it is looked at every 10 ms) it is emptied, and what it held replaces {@code console.log.1}: the two
     * take little more than twice as much, and the last half of it is always there. Only this JVM does so: without it the file grows freely.
     * A guest that prints half of it without a pause of 20 ms may lose a few lines each time; with 0 nothing is ever lost, and nothing
     * bounds what a guest can write.
     */
    @Value.Default
    default long maxConsoleLogBytes() {
        return 4L << 20;
    }

    /** {@return who follows the VM's life; default nobody} */
    @Value.Default
    default VmListener listener() {
        return VmListener.NONE;
    }

    /** {@return a name for the state folder instead of a random one, 1 to 32 letters, digits, '-'} */
    Optional<String> id();

    /** Who QEMU runs as. */
    enum QemuUser {
        /**
         * The caller; but where the caller is root, {@code nobody}: a guest can read everything that its QEMU can read. Files written
         * by 9p then belong to {@code nobody}.
         */
        UNPRIVILEGED,
        /** The caller, root included. */
        CALLER
    }

    /** When a state folder is kept. */
    enum Keep {
        /** It goes with the VM. */
        NEVER,
        /** It is kept where the start fails. */
        ON_FAILURE,
        /** It is kept; the caller removes it. */
        ALWAYS
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        positive("hostLimit", hostLimit());
        positive("kernelLimit", kernelLimit());
        positive("agentLimit", agentLimit());
        positive("mountLimit", mountLimit());
        positive("stopLimit", stopLimit());
        if (maxConsoleLogBytes() != 0 && maxConsoleLogBytes() < MIN_CONSOLE_LOG_BYTES) {
            throw new IllegalArgumentException("LaunchOptions.maxConsoleLogBytes = " + maxConsoleLogBytes()
                    + ": must be 0 (no limit) or at least " + MIN_CONSOLE_LOG_BYTES);
        }
        id().filter(text -> !text.matches("[A-Za-z0-9-]{1,32}")).ifPresent(text -> {
            throw new IllegalArgumentException(
                    "LaunchOptions.id = " + text + ": must be 1 to 32 letters, digits or '-'");
        });
    }

    private static void positive(String attribute, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("LaunchOptions." + attribute + " = " + value + ": must be positive");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableLaunchOptions.builder();
    }

    /** Builds {@link LaunchOptions}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableLaunchOptions.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(LaunchOptions value);

        /**
         * Sets the limit of the host's part.
         *
         * @param value positive; default 15 s for each of them, not lengthened under TCG
         * @return this builder
         */
        public abstract Builder hostLimit(Duration value);

        /**
         * Sets the limit from QEMU's start to the first byte on the console.
         *
         * @param value positive; default 10 s, under TCG taken {@value LaunchOptions#TCG_FACTOR} times
         * @return this builder
         */
        public abstract Builder kernelLimit(Duration value);

        /**
         * Sets the limit from there to the first word of the guest's control loop.
         *
         * @param value positive; default 30 s, under TCG taken {@value LaunchOptions#TCG_FACTOR} times
         * @return this builder
         */
        public abstract Builder agentLimit(Duration value);

        /**
         * Sets the limit of the mounts.
         *
         * @param value positive, for all mounts together; default 60 s, under TCG taken {@value LaunchOptions#TCG_FACTOR}
         *     times
         * @return this builder
         */
        public abstract Builder mountLimit(Duration value);

        /**
         * Sets the limit of {@link MicroVm#close()}.
         *
         * @param value positive; default 20 s for what the guest is asked, the harsher rungs take 10 s more at most
         * @return this builder
         */
        public abstract Builder stopLimit(Duration value);

        /**
         * Sets who QEMU runs as.
         *
         * @param value makes a difference for root callers only; default {@link QemuUser#UNPRIVILEGED}
         * @return this builder
         */
        public abstract Builder qemuUser(QemuUser value);

        /**
         * Sets whether the state folder outlives the VM.
         *
         * @param value default {@link Keep#NEVER}; who keeps one removes it
         * @return this builder
         */
        public abstract Builder keepStateFolder(Keep value);

        /**
         * Limits the console's file.
         *
         * @param value bytes; default 4 MiB, at least {@value LaunchOptions#MIN_CONSOLE_LOG_BYTES}, or 0 for no limit
         * @return this builder
         */
        public abstract Builder maxConsoleLogBytes(long value);

        /**
         * Sets who follows the VM's life.
         *
         * @param value hears of phases, choices and the end; one that throws is logged and harms nobody
         * @return this builder
         */
        public abstract Builder listener(VmListener value);

        /**
         * Names the state folder.
         *
         * @param value 1 to 32 letters, digits or '-'; a running VM's id cannot be taken again. Not set: a random one
         * @return this builder
         */
        public abstract Builder id(String value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if a rule is broken
         */
        public abstract LaunchOptions build();
    }
}
