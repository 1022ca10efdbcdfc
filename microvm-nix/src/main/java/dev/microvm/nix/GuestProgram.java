/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which {@code nix-store} a guest has, as far as the host can know. */
final class GuestProgram {
    private static final String NAME = "nix-store";
    private static final List<String> FOLDERS = List.of("usr/local/bin", "usr/bin", "bin", "run/current-system/sw/bin");

    private GuestProgram() {}

    /** {@return the program's path in the guest, or its bare name where the guest is not ours; empty where it is known to have none} */
    static Optional<String> find(NixStoreSharing sharing, BootSource boot, Map<String, String> environment) {
        if (sharing.guestProgram().isPresent()) {
            return sharing.guestProgram();
        }
        if (!(boot instanceof HostRoot host)) {
            return Optional.of(NAME);
        }
        return host.root().toAbsolutePath().normalize().equals(Path.of("/"))
                ? onHostsRoot(sharing, environment)
                : onOtherRoot(host.root());
    }

    /** The host's own program, except where it stands in the host's store and the guest gets another store in that place. */
    private static Optional<String> onHostsRoot(NixStoreSharing sharing, Map<String, String> environment) {
        Path hostStore = NixStore.host().physicalStore();
        return NixPrograms.find(environment)
                .map(NixPrograms::withoutProfiles)
                .filter(program -> !program.startsWith(hostStore)
                        || sharing.store().equals(NixStore.host())
                        || !sharing.mountPoint().equals(StorePath.STORE))
                .map(Path::toString);
    }

    private static Optional<String> onOtherRoot(Path root) {
        return FOLDERS.stream()
                .filter(folder -> Files.exists(root.resolve(folder).resolve(NAME)))
                .map(folder -> "/" + folder + "/" + NAME)
                .findFirst();
    }
}
