/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.immutables.value.Value;

/** How a client behaves. All options have defaults. */
@Value.Immutable
@QmpStyle
public sealed interface QmpOptions permits ImmutableQmpOptions {

    /**
     * Returns the name used for the threads, {@code microvm-qmp-<name>-reader} and so on.
     *
     * @return the name; by default {@code client}
     */
    @Value.Default
    default String name() {
        return "client";
    }

    /**
     * Returns how long a command may take if nothing else is said, from the call to its reply. Where it waits for its turn to be sent (see
     * {@link #outOfBand()}), that counts too.
     *
     * @return the limit; by default 10 s
     */
    @Value.Default
    default Duration commandTimeout() {
        return Duration.ofSeconds(10);
    }

    /**
     * Returns how long connecting, the greeting and the negotiation of capabilities may take together.
     *
     * @return the limit; by default 10 s
     */
    @Value.Default
    default Duration connectTimeout() {
        return Duration.ofSeconds(10);
    }

    /**
     * Returns how long {@link QmpClient#connect} waits for somebody to listen at the path before it gives up. With zero, a missing socket
     * is an error at once. The wait counts towards {@link #connectTimeout()}.
     *
     * @return the limit; by default zero
     */
    @Value.Default
    default Duration socketWait() {
        return Duration.ZERO;
    }

    /**
     * Returns how sockets are opened.
     *
     * @return the kind; by default {@link TransportKind#AUTO}
     */
    @Value.Default
    default TransportKind transport() {
        return TransportKind.AUTO;
    }

    /**
     * Returns how many events a subscription keeps until they are taken. Of more, the oldest are dropped and counted.
     *
     * @return the number of events; by default 1024
     */
    @Value.Default
    default int eventQueueSize() {
        return 1024;
    }

    /**
     * Returns how long a message from QEMU may be. A longer one ends the connection.
     *
     * @return the number of bytes; by default 64 MiB, QEMU's own limit for a token
     */
    @Value.Default
    default long maxReplyBytes() {
        return 64L << 20;
    }

    /**
     * Returns whether commands out of band are asked for where the monitor offers them. Then at most 7 other commands are on their way
     * to QEMU at a time, and further ones wait in the client; without, QEMU reads one at a time.
     *
     * @return true, by default
     */
    @Value.Default
    default boolean outOfBand() {
        return true;
    }

    /**
     * Returns whether each command is checked by the schema of this QEMU before it is sent. What it does not know fails with a
     * {@link QmpUnsupportedException} then, as does what it would refuse for its types, and QEMU sees nothing of it. The schema, some
     * 250 kB, is loaded while connecting, in about 60 ms; the check takes microseconds.
     *
     * @return false, by default
     */
    @Value.Default
    default boolean strictArguments() {
        return false;
    }

    /**
     * Returns which process may be at the other end, as the kernel tells it (SO_PEERCRED). {@link QmpClient#connect} refuses another one;
     * {@link QmpListener#accept} drops it and goes on waiting. Where the process is unknown, nobody is let in: with
     * {@link TransportKind#JDK}, also where {@link TransportKind#AUTO} chose it, connecting and listening fail with an
     * {@link IllegalStateException}.
     *
     * @return tells by its id whether a process is expected; by default none, and any process is
     */
    Optional<LongPredicate> expectedPeer();

    /**
     * Returns who is told of every message. It is called on the dispatcher thread, one message at a time; if it falls behind by more than
     * 4096 messages, further ones are left out.
     *
     * @return the sink; by default none
     */
    Optional<Consumer<QmpTraffic>> traffic();

    /**
     * Returns whether every message is given to the {@link System.Logger} {@code dev.microvm.qmp.traffic} at level TRACE, with the
     * {@link #name()} in front and without its secrets. It is an option of its own, and not only a matter of that logger's level, since to
     * ask for the first logger of a JVM takes some 30 ms.
     *
     * @return false, by default
     */
    @Value.Default
    default boolean logTraffic() {
        return false;
    }

    /** Refuses what cannot work. */
    @Value.Check
    default void check() {
        requirePositive("commandTimeout", commandTimeout());
        requirePositive("connectTimeout", connectTimeout());
        if (socketWait().isNegative()) {
            throw new IllegalArgumentException("socketWait must not be negative: " + socketWait());
        }
        if (eventQueueSize() < 1) {
            throw new IllegalArgumentException("eventQueueSize must be at least 1: " + eventQueueSize());
        }
        if (maxReplyBytes() < 1) {
            throw new IllegalArgumentException("maxReplyBytes must be at least 1: " + maxReplyBytes());
        }
    }

    private static void requirePositive(String attribute, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(attribute + " must be positive: " + value);
        }
    }

    /**
     * Returns the options with every default.
     *
     * @return the options
     */
    static QmpOptions defaults() {
        return builder().build();
    }

    /**
     * Starts to build options.
     *
     * @return a builder with every default
     */
    static Builder builder() {
        return ImmutableQmpOptions.builder();
    }

    /** Builds options. */
    abstract sealed class Builder permits ImmutableQmpOptions.Builder {
        Builder() {}

        /**
         * Takes over all values of other options.
         *
         * @param options the others
         * @return this
         */
        public abstract Builder from(QmpOptions options);

        /**
         * Sets the name used for the threads.
         *
         * @param name any text; by default {@code client}
         * @return this
         */
        public abstract Builder name(String name);

        /**
         * Sets how long a command may take if nothing else is said.
         *
         * @param limit more than zero; by default 10 s
         * @return this
         */
        public abstract Builder commandTimeout(Duration limit);

        /**
         * Sets how long connecting, the greeting and the negotiation of capabilities may take together.
         *
         * @param limit more than zero; by default 10 s
         * @return this
         */
        public abstract Builder connectTimeout(Duration limit);

        /**
         * Sets how long {@link QmpClient#connect} waits for somebody to listen at the path.
         *
         * @param limit zero or more; by default zero
         * @return this
         */
        public abstract Builder socketWait(Duration limit);

        /**
         * Sets how sockets are opened.
         *
         * @param kind the kind; by default {@link TransportKind#AUTO}
         * @return this
         */
        public abstract Builder transport(TransportKind kind);

        /**
         * Sets how many events a subscription keeps until they are taken.
         *
         * @param events at least 1; by default 1024
         * @return this
         */
        public abstract Builder eventQueueSize(int events);

        /**
         * Sets how long a message from QEMU may be.
         *
         * @param bytes at least 1; by default 64 MiB
         * @return this
         */
        public abstract Builder maxReplyBytes(long bytes);

        /**
         * Sets whether commands out of band are asked for where the monitor offers them.
         *
         * @param enable by default true
         * @return this
         */
        public abstract Builder outOfBand(boolean enable);

        /**
         * Sets whether each command is checked by the schema of this QEMU before it is sent.
         *
         * @param check by default false
         * @return this
         */
        public abstract Builder strictArguments(boolean check);

        /**
         * Sets the process that may be at the other end.
         *
         * @param pid its id
         * @return this
         */
        public final Builder expectedPeer(long pid) {
            return expectedPeer(found -> found == pid);
        }

        /**
         * Sets which process may be at the other end, for a listener that is bound before its QEMU is started.
         *
         * @param pids tells by its id whether a process is expected; called in the thread that connects or accepts
         * @return this
         */
        public abstract Builder expectedPeer(LongPredicate pids);

        /**
         * Sets who is told of every message. Secrets are taken out before.
         *
         * @param sink called on the dispatcher thread
         * @return this
         */
        public abstract Builder traffic(Consumer<QmpTraffic> sink);

        /**
         * Sets whether every message is logged at level TRACE.
         *
         * @param log by default false
         * @return this
         */
        public abstract Builder logTraffic(boolean log);

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of its range
         */
        public abstract QmpOptions build();
    }
}
