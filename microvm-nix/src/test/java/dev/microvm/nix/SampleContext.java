/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.spec.HostRoot;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What a service may know of a VM on the host's root that shares a store. */
final class SampleContext implements HostContext {
    private final NixStoreSharing sharing;
    private final Path folder;
    private final Map<String, String> environment;

    SampleContext(NixStoreSharing sharing, Path folder) {
        this(sharing, folder, System.getenv());
    }

    SampleContext(NixStoreSharing sharing, Path folder, Map<String, String> environment) {
        this.sharing = sharing;
        this.folder = folder;
        this.environment = environment;
    }

    @Override
    public VmSpec spec() {
        return VmSpec.builder()
                .boot(HostRoot.builder().build())
                .addExtensions(sharing)
                .build();
    }

    @Override
    public Path stateFolder() {
        return folder;
    }

    @Override
    public Path cacheFolder() {
        return folder;
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public Path socketOf(Share share) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt qemuUid() {
        return OptionalInt.empty();
    }

    @Override
    public SupervisedProcess spawn(String name, List<String> command, Map<String, String> additions) {
        throw new UnsupportedOperationException();
    }
}
