/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import org.immutables.value.Value;

/**
 * Carries connections between host and guest through the {@link UserNetwork}, also where that is {@link UserNetwork#restrict()
 * restricted}.
 *
 * <p>From the guest to the host, QEMU runs a relay of three small processes (a busybox {@code nc} and what ends it with QEMU) as its own
 * user for each connection, until the server, or the VM, ends it; how many a guest may open and abandon is not limited. QEMU has accepted a connection before the server has: where none
 * listens at {@link #hostPort()} the guest's connection succeeds and then ends without a byte. A server may be started and restarted
 * while the VM runs. A guest that is not restricted reaches the host's loopback as {@code 10.0.2.2} without any forward, at the host's own
 * port numbers and with refused connections shown as such. (Tried on QEMU 7.2 with libslirp 4.7.)
 */
@Value.Immutable
@SpecStyle
public sealed interface PortForward permits ImmutablePortForward {
    /** {@return who listens; default {@link Direction#HOST_TO_GUEST}} */
    @Value.Default
    default Direction direction() {
        return Direction.HOST_TO_GUEST;
    }

    /** {@return the protocol; default {@link Protocol#TCP}} */
    @Value.Default
    default Protocol protocol() {
        return Protocol.TCP;
    }

    /** {@return the host's IPv4 address; default {@code 127.0.0.1}} */
    @Value.Default
    default String hostAddress() {
        return "127.0.0.1";
    }

    /** {@return the host's port, 1 to 65535; 0 where the host listens: a free one, see {@code MicroVm.hostPort}} */
    int hostPort();

    /** {@return the address in the guest's network: of the guest itself, or (guest to host) the one it connects to, {@code 10.0.2.100} by default} */
    @Value.Default
    default String guestAddress() {
        return direction() == Direction.GUEST_TO_HOST ? "10.0.2.100" : "10.0.2.15";
    }

    /** {@return the guest's port, 1 to 65535} */
    int guestPort();

    /** Who listens and who is connected to. */
    enum Direction {
        /** QEMU listens on the host; connections arrive in the guest ({@code hostfwd=}). */
        HOST_TO_GUEST,
        /** The guest connects to {@link PortForward#guestAddress()}; connections arrive on the host ({@code guestfwd=}). */
        GUEST_TO_HOST
    }

    /**
     * {@return a TCP forward: 127.0.0.1:hostPort reaches guestPort in the guest}
     *
     * @param hostPort 1 to 65535, or 0 for a free one, which {@code MicroVm.hostPort} then tells
     * @param guestPort 1 to 65535
     */
    static PortForward hostToGuest(int hostPort, int guestPort) {
        return builder().hostPort(hostPort).guestPort(guestPort).build();
    }

    /**
     * {@return a TCP forward: 10.0.2.100:guestPort, called from the guest, reaches 127.0.0.1:hostPort}
     *
     * @param guestPort 1 to 65535, the port the guest connects to
     * @param hostPort 1 to 65535, where something on the host listens
     */
    static PortForward guestToHost(int guestPort, int hostPort) {
        return builder()
                .direction(Direction.GUEST_TO_HOST)
                .hostPort(hostPort)
                .guestPort(guestPort)
                .build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.range("PortForward.hostPort", hostPort(), direction() == Direction.HOST_TO_GUEST ? 0 : 1, 65_535);
        Attribute.range("PortForward.guestPort", guestPort(), 1, 65_535);
        Attribute.ipv4("PortForward.hostAddress", hostAddress());
        Attribute.ipv4("PortForward.guestAddress", guestAddress());
        if (direction() == Direction.GUEST_TO_HOST && protocol() == Protocol.UDP) {
            throw Attribute.bad(
                    "PortForward.protocol",
                    protocol(),
                    "QEMU has no UDP guest forward; use TCP, or reach the host as 10.0.2.2");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutablePortForward.builder();
    }

    /** Builds a {@link PortForward}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutablePortForward.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(PortForward value);

        /**
         * Sets who listens.
         *
         * @param value default {@link Direction#HOST_TO_GUEST}; the other one changes the default of the guest's address
         * @return this builder
         */
        public abstract Builder direction(Direction value);

        /**
         * Sets the protocol.
         *
         * @param value default {@link Protocol#TCP}; UDP goes from host to guest only
         * @return this builder
         */
        public abstract Builder protocol(Protocol value);

        /**
         * Sets the host's IPv4 address.
         *
         * @param value IPv4 in digits; default {@code 127.0.0.1}. {@code 0.0.0.0} opens the guest's port to the host's
         *     network
         * @return this builder
         */
        public abstract Builder hostAddress(String value);

        /**
         * Sets the host's port; required.
         *
         * @param value 1 to 65535; 0 for a free one where the host listens
         * @return this builder
         */
        public abstract Builder hostPort(int value);

        /**
         * Sets the address in the guest's network.
         *
         * @param value IPv4 in digits; default {@code 10.0.2.15}, from guest to host {@code 10.0.2.100}
         * @return this builder
         */
        public abstract Builder guestAddress(String value);

        /**
         * Sets the guest's port; required.
         *
         * @param value 1 to 65535
         * @return this builder
         */
        public abstract Builder guestPort(int value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract PortForward build();
    }
}
