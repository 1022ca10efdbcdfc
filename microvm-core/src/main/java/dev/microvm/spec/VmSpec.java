/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * A whole VM as a value. {@code VmSpec.builder().boot(BootSource.hostRoot()).build()} is the smallest.
 *
 * <p>Local facts are checked here, when the value is built; relations between parts and everything about the host are checked by the
 * preflight of a start, all problems at once.
 */
@Value.Immutable
@SpecStyle
public sealed interface VmSpec permits ImmutableVmSpec {
    /** {@return the VM's name, in messages, thread names and QEMU's window of processes; default {@code microvm}} */
    @Value.Default
    default String name() {
        return "microvm";
    }

    /** {@return the guest's instruction set; default x86_64} */
    @Value.Default
    default Architecture architecture() {
        return Architecture.X86_64;
    }

    /** {@return the machine type; absent: {@link MachineType#MICROVM} on x86_64, {@link MachineType#VIRT} on aarch64, {@link MachineType#Q35} where something needs PCI} */
    Optional<MachineType> machine();

    /** {@return what executes the guest's instructions; default {@link Accelerator#AUTO}} */
    @Value.Default
    default Accelerator accelerator() {
        return Accelerator.AUTO;
    }

    /** {@return QEMU's CPU model ({@code -cpu}); absent: {@code host} with KVM, {@code max} without} */
    Optional<String> cpu();

    /** {@return the number of virtual CPUs, 1 to 255; default 1} */
    @Value.Default
    default int vcpus() {
        return 1;
    }

    /** {@return the guest's memory in MiB, at least 64; default 1024. A stock Debian kernel with a small initrd needs 96} */
    @Value.Default
    default int memoryMib() {
        return 1024;
    }

    /** {@return what is booted} */
    BootSource boot();

    /** {@return folders shared with the guest} */
    List<Share> shares();

    /** {@return read-only trees made writable in the guest} */
    List<StoreOverlay> storeOverlays();

    /** {@return disk images} */
    List<Volume> volumes();

    /** {@return directories and files of the guest that outlive the VM, on its shares and volumes} */
    List<Persistence> persistence();

    /** {@return network interfaces; where there are none and a forward needs one, a {@link UserNetwork} is added} */
    List<NetworkInterface> interfaces();

    /** {@return port forwards} */
    List<PortForward> forwards();

    /** {@return the virtio socket device} */
    Optional<VsockDevice> vsock();

    /** {@return PCI devices of the host} */
    List<PciPassthrough> passthrough();

    /** {@return kernel parameters, after all others} */
    List<String> kernelParameters();

    /** {@return arguments put at the end of QEMU's command line as they are: the escape hatch} */
    List<String> extraQemuArguments();

    /** {@return extensions by other modules, such as Nix store sharing} */
    List<SpecExtension> extensions();

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.name("VmSpec.name", name());
        Attribute.range("VmSpec.vcpus", vcpus(), 1, 255);
        Attribute.range("VmSpec.memoryMib", memoryMib(), 64, 16 * 1024 * 1024);
        cpu().ifPresent(text -> Attribute.word("VmSpec.cpu", text));
        kernelParameters().forEach(text -> Attribute.noControlCharacters("VmSpec.kernelParameters", text));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableVmSpec.builder();
    }

    /** Builds a {@link VmSpec}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableVmSpec.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(VmSpec value);

        /**
         * Sets the VM's name.
         *
         * @param value 1 to 63 letters, digits, '.', '_' or '-', starting with a letter or digit; default {@code microvm}
         * @return this builder
         */
        public abstract Builder name(String value);

        /**
         * Sets the instruction set.
         *
         * @param value default x86_64; another one than the host's is always translated (TCG)
         * @return this builder
         */
        public abstract Builder architecture(Architecture value);

        /**
         * Sets the machine type.
         *
         * @param value a machine type that QEMU offers for the architecture; not set: the smallest that has what the spec
         *     needs
         * @return this builder
         */
        public abstract Builder machine(MachineType value);

        /**
         * Sets what executes the guest's instructions.
         *
         * @param value default {@link Accelerator#AUTO}: KVM where a real run with it succeeds, else TCG
         * @return this builder
         */
        public abstract Builder accelerator(Accelerator value);

        /**
         * Sets QEMU's CPU model.
         *
         * @param value a value of QEMU's {@code -cpu}, not blank; not set: {@code host} with KVM, {@code max} without
         * @return this builder
         */
        public abstract Builder cpu(String value);

        /**
         * Sets the number of virtual CPUs.
         *
         * @param value 1 to 255; default 1
         * @return this builder
         */
        public abstract Builder vcpus(int value);

        /**
         * Sets the guest's memory in MiB.
         *
         * @param value 64 to 16777216 MiB; default 1024
         * @return this builder
         */
        public abstract Builder memoryMib(int value);

        /**
         * Sets what is booted; required.
         *
         * @param value the host's own root, or a kernel and an initrd of one's own
         * @return this builder
         */
        public abstract Builder boot(BootSource value);

        /**
         * Shares folders with the guest, and none but these: what was there is dropped.
         *
         * @param values the shares, in their order; may be empty
         * @return this builder
         */
        public abstract Builder shares(Iterable<? extends Share> values);

        /**
         * Shares folders with the guest. Adds to what is there.
         *
         * @param values 9p, virtiofs or whichever works ({@link Share#auto}); tags and mount points must be unique in the VM, which is checked before the start
         * @return this builder
         */
        public abstract Builder addShares(Share... values);

        /**
         * Shares folders with the guest. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllShares(Iterable<? extends Share> values);

        /**
         * Makes read-only trees writable in the guest. Adds to what is there.
         *
         * @param values mounted after what they are made from
         * @return this builder
         */
        public abstract Builder addStoreOverlays(StoreOverlay... values);

        /**
         * Makes read-only trees writable in the guest. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllStoreOverlays(Iterable<? extends StoreOverlay> values);

        /**
         * Attaches disk images. Adds to what is there.
         *
         * @param values put on QEMU's command line in this order; a guest finds one surely by its serial only, and so do those
         *     that this library mounts
         * @return this builder
         */
        public abstract Builder addVolumes(Volume... values);

        /**
         * Attaches disk images. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllVolumes(Iterable<? extends Volume> values);

        /**
         * Keeps directories and files of the guest. Adds to what is there.
         *
         * @param values mounted after what they are kept on, what lies above first
         * @return this builder
         */
        public abstract Builder addPersistence(Persistence... values);

        /**
         * Keeps directories and files of the guest. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllPersistence(Iterable<? extends Persistence> values);

        /**
         * Attaches network interfaces. Adds to what is there.
         *
         * @param values with ids that are unique in the VM
         * @return this builder
         */
        public abstract Builder addInterfaces(NetworkInterface... values);

        /**
         * Attaches network interfaces. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllInterfaces(Iterable<? extends NetworkInterface> values);

        /**
         * Forwards ports. Adds to what is there.
         *
         * @param values they go through the first {@link UserNetwork}, which is added where there are no interfaces at all
         * @return this builder
         */
        public abstract Builder addForwards(PortForward... values);

        /**
         * Forwards ports. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllForwards(Iterable<? extends PortForward> values);

        /**
         * Attaches a virtio socket device.
         *
         * @param value at most one; needs {@code /dev/vhost-vsock} on the host
         * @return this builder
         */
        public abstract Builder vsock(VsockDevice value);

        /**
         * Hands PCI devices of the host to the guest. Adds to what is there.
         *
         * @param values bound to {@code vfio-pci} on the host; each needs a machine with PCI
         * @return this builder
         */
        public abstract Builder addPassthrough(PciPassthrough... values);

        /**
         * Hands PCI devices of the host to the guest. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllPassthrough(Iterable<? extends PciPassthrough> values);

        /**
         * Adds kernel parameters. Adds to what is there.
         *
         * @param values words of the kernel's command line; they come last, so they override this library's. The whole line
         *     may have 2047 bytes (Linux, {@code COMMAND_LINE_SIZE})
         * @return this builder
         */
        public abstract Builder addKernelParameters(String... values);

        /**
         * Adds kernel parameters. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllKernelParameters(Iterable<String> values);

        /**
         * Adds arguments at the end of QEMU's command line, as they are. Adds to what is there.
         *
         * @param values one argument each, not split and not checked; QEMU takes the last of two that contradict
         * @return this builder
         */
        public abstract Builder addExtraQemuArguments(String... values);

        /**
         * Adds arguments at the end of QEMU's command line, as they are. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllExtraQemuArguments(Iterable<String> values);

        /**
         * Adds extensions by other modules. Adds to what is there.
         *
         * @param values each needs its provider, a module beside this one or registered on the {@code VmHost}
         * @return this builder
         */
        public abstract Builder addExtensions(SpecExtension... values);

        /**
         * Adds extensions by other modules. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllExtensions(Iterable<? extends SpecExtension> values);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract VmSpec build();
    }
}
