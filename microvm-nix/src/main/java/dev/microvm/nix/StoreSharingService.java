/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.Problem;
import dev.microvm.guest.GuestShell;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks after one shared store: checks it before the start, fills the guest's database after the mounts. Nothing of it runs in between. */
final class StoreSharingService implements HostService {
    private static final String SUBJECT = "extensions[" + NixStoreSharing.KIND + "]";

    /** Where the dump took all the time there was, the guest still gets to say so. */
    private static final Duration LEAST = Duration.ofMillis(1);

    private final NixStoreSharing sharing;
    private final HostContext context;

    StoreSharingService(NixStoreSharing sharing, HostContext context) {
        this.sharing = sharing;
        this.context = context;
    }

    @Override
    public String name() {
        return "nix store " + sharing.tag();
    }

    @Override
    public List<Problem> check() {
        List<Problem> problems = new ArrayList<>();
        Path folder = sharing.store().physicalStore();
        if (!Files.isDirectory(folder)) {
            problems.add(new Problem(
                    SUBJECT + ".store",
                    folder + " is not a folder",
                    "install Nix, or name a store that exists: NixStoreSharing.of(NixStore.privateStore(folder))"));
            return problems;
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            problems.add(
                    new Problem(SUBJECT + ".store", folder + " cannot be read by this user", "chmod a+rx " + folder));
        }
        checkDatabase().ifPresent(problems::add);
        if (sharing.databaseDelivery() == DatabaseDelivery.AT_START && program().isEmpty()) {
            problems.add(new Problem(
                    SUBJECT + ".guestProgram",
                    "the guest has no nix-store to load the database with",
                    "install Nix in the guest's root (Debian: apt install nix-bin), name the program with guestProgram(), or set"
                            + " databaseDelivery(ON_DEMAND)"));
        }
        return problems;
    }

    private Optional<Problem> checkDatabase() {
        StoreDatabase database = sharing.store().database();
        try {
            database.token();
            return Optional.empty();
        } catch (NixException e) {
            return Optional.of(new Problem(
                    SUBJECT + ".store database",
                    firstLine(e) + " (" + e.report().lastObservation() + ")",
                    e.report().hint()));
        }
    }

    private static String firstLine(NixException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private Optional<String> program() {
        return GuestProgram.find(sharing, context.spec().boot(), context.environment());
    }

    @Override
    public void start(Duration limit) {}

    @Override
    public void guestMounted(GuestShell shell, Duration limit) {
        if (sharing.databaseDelivery() != DatabaseDelivery.AT_START) {
            return;
        }
        long begin = System.nanoTime();
        StoreDump dump = StoreDump.of(sharing.store().database());
        Duration left = limit.minusNanos(System.nanoTime() - begin);
        StoreLoad load = StoreLoad.of(dump).withProgram(program().orElse("nix-store"));
        StoreLoad.Report report = load.into(shell, left.compareTo(LEAST) > 0 ? left : LEAST);
        System.getLogger(StoreSharingService.class.getName())
                .log(System.Logger.Level.DEBUG, () -> name() + ": " + report);
    }

    @Override
    public void close() {}
}
