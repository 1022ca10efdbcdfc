/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the files and sockets of one VM are: fixed names below one folder.
 *
 * @param folder the VM's state folder, absolute
 * @param busybox a busybox that QEMU's user may run; needed only where the guest calls the host through a forward, for its {@code nc}
 */
public record RuntimePaths(Path folder, Optional<Path> busybox) {
    /** One less than {@code sun_path} holds without its NUL (Linux, unix(7)): the JDK's own channel refuses the 107th byte. */
    public static final int MAX_SOCKET_PATH_BYTES = 106;

    private static final String LONGEST_NAME = "control.sock";

    /**
     * Checks that every socket fits.
     *
     * @throws IllegalArgumentException if the folder is not absolute or is so long that a socket's path would be cut off
     */
    public RuntimePaths {
        if (!folder.isAbsolute()) {
            throw new IllegalArgumentException("state folder = " + folder + ": must be absolute");
        }
        String longest = folder.resolve(LONGEST_NAME).toString();
        int bytes = longest.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_SOCKET_PATH_BYTES) {
            throw new IllegalArgumentException("state folder = " + folder + ": the socket " + longest + " has " + bytes
                    + " bytes, a socket's path ends at " + MAX_SOCKET_PATH_BYTES
                    + "; use a shorter folder, for instance by XDG_RUNTIME_DIR");
        }
    }

    /** {@return the paths below a folder, without a busybox} */
    public static RuntimePaths in(Path folder) {
        return new RuntimePaths(folder, Optional.empty());
    }

    /** {@return the socket at which we listen and to which QEMU connects its monitor} */
    public Path qmpSocket() {
        return folder.resolve("qmp.sock");
    }

    /** {@return the socket at which we listen and to which QEMU connects the guest's control port} */
    public Path controlSocket() {
        return folder.resolve(LONGEST_NAME);
    }

    /** {@return the file into which QEMU writes the guest's serial console} */
    public Path consoleLog() {
        return folder.resolve("console.log");
    }

    /** {@return the folder in which QEMU, which may be another user than the caller, makes the sockets it listens at} */
    public Path portsFolder() {
        return folder.resolve("ports");
    }

    /** {@return the socket at which QEMU listens for a stream of an exec slot, such as {@code p0i}} */
    public Path portSocket(int slot, PortStream stream) {
        return portsFolder().resolve("p" + slot + stream.letter());
    }

    /** {@return the named pipe that QEMU holds open for its whole life; see {@link GuestCallRelay}} */
    public Path relayPipe() {
        return portsFolder().resolve("alive");
    }

    /** {@return the socket at which the virtiofsd of the share at this position among the spec's virtiofs shares listens} */
    public Path shareSocket(int index) {
        return folder.resolve("fs" + index + ".sock");
    }

    /**
     * {@return the socket at which the virtiofsd of a share listens}
     *
     * @throws IllegalArgumentException if the share is not one of the spec's virtiofs shares
     */
    public Path shareSocket(VmSpec spec, Share share) {
        List<VirtiofsShare> shares = VirtiofsDevices.of(spec);
        int index = share instanceof VirtiofsShare virtiofs ? shares.indexOf(virtiofs) : -1;
        if (index < 0) {
            throw new IllegalArgumentException("share " + share.tag() + ": is not a virtiofs share of this spec");
        }
        return shareSocket(index);
    }
}
