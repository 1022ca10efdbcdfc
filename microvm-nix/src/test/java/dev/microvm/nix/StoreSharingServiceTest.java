/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spi.HostService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreSharingServiceTest {
    @TempDir
    Path folder;

    private Path program;

    @BeforeEach
    void makeProgram() throws Exception {
        program = Files.writeString(folder.resolve("nix-store"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aStoreThatIsThereHasNoProblem() throws Exception {
        SampleStore sample = SampleStore.create(folder.resolve("s"));
        assertThat(check(NixStoreSharing.of(sample.store()))).isEmpty();
    }

    @Test
    void aMissingStoreIsOneProblemNotThree() {
        assertThat(check(NixStoreSharing.of(NixStore.privateStore(folder.resolve("none")))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.subject()).isEqualTo("extensions[nix-store].store");
                    assertThat(problem.detail()).contains(folder + "/none/nix/store is not a folder");
                    assertThat(problem.cure()).contains("NixStoreSharing.of");
                });
    }

    @Test
    void databaseProblemsAreFoundBeforeTheStart() throws Exception {
        SampleStore sample = SampleStore.create(folder.resolve("s"));
        Files.writeString(sample.database().file().resolveSibling("schema"), "7");
        assertThat(check(NixStoreSharing.of(sample.store())))
                .singleElement()
                .satisfies(problem -> assertThat(problem.detail()).contains("schema 7, not 10"));
        Files.delete(sample.database().file().resolveSibling("schema"));
        assertThat(check(NixStoreSharing.of(sample.store())))
                .singleElement()
                .satisfies(problem -> assertThat(problem.detail()).contains("no Nix database"));
    }

    @Test
    void aGuestWithoutNixStoreIsAProblemOnlyWhereItHasToLoad() throws Exception {
        SampleStore sample = SampleStore.create(folder.resolve("s"));
        Files.delete(program);
        NixStoreSharing sharing = NixStoreSharing.of(sample.store());
        assertThat(check(sharing))
                .singleElement()
                .satisfies(problem -> assertThat(problem.cure()).contains("nix-bin"));
        assertThat(check(NixStoreSharing.builder()
                        .from(sharing)
                        .databaseDelivery(DatabaseDelivery.ON_DEMAND)
                        .build()))
                .isEmpty();
        assertThat(check(NixStoreSharing.builder()
                        .from(sharing)
                        .guestProgram("/opt/nix-store")
                        .build()))
                .isEmpty();
    }

    @Test
    void anotherRootIsSearchedInItsOwnFolders() throws Exception {
        Files.createDirectories(folder.resolve("root/usr/bin"));
        Files.createFile(folder.resolve("root/usr/bin/nix-store"));
        BootSource boot = HostRoot.builder().root(folder.resolve("root")).build();
        assertThat(GuestProgram.find(NixStoreSharing.wholeStore(), boot, Map.of()))
                .hasValue("/usr/bin/nix-store");
        Files.delete(folder.resolve("root/usr/bin/nix-store"));
        assertThat(GuestProgram.find(NixStoreSharing.wholeStore(), boot, Map.of()))
                .isEmpty();
    }

    @Test
    void theHostsProgramIsNamedByAPathThatTheGuestSees() throws Exception {
        Files.createSymbolicLink(folder.resolve("profile"), folder);
        Map<String, String> environment =
                Map.of(NixPrograms.OVERRIDE, folder.resolve("profile/nix-store").toString());
        assertThat(GuestProgram.find(
                        NixStoreSharing.wholeStore(), HostRoot.builder().build(), environment))
                .hasValue(program.toRealPath().toString());
    }

    private List<Problem> check(NixStoreSharing sharing) {
        Map<String, String> environment = Map.of(NixPrograms.OVERRIDE, program.toString());
        SampleContext context = new SampleContext(sharing, folder, environment);
        try (HostService service = new NixProvider().serviceFor(sharing, context)) {
            return service.check();
        }
    }
}
