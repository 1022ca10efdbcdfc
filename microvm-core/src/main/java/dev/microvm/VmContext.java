/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.process.Lifeline;
import dev.microvm.internal.process.SpawnRequest;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the services of one VM may know; the lifeline is there from PREPARE on. */
final class VmContext implements HostContext {
    private final VmHost host;
    private final VmSpec spec;
    private final RuntimePaths paths;
    private final OptionalInt qemuUid;
    private volatile @Nullable Lifeline lifeline;

    VmContext(VmHost host, VmSpec spec, RuntimePaths paths, OptionalInt qemuUid) {
        this.host = host;
        this.spec = spec;
        this.paths = paths;
        this.qemuUid = qemuUid;
    }

    void lifeline(Lifeline started) {
        this.lifeline = started;
    }

    @Override
    public VmSpec spec() {
        return spec;
    }

    @Override
    public Path stateFolder() {
        return paths.folder();
    }

    @Override
    public Path cacheFolder() {
        return host.probe().cache().root();
    }

    @Override
    public Map<String, String> environment() {
        return host.environment();
    }

    @Override
    public Path socketOf(Share share) {
        return paths.shareSocket(spec, share);
    }

    @Override
    public OptionalInt qemuUid() {
        return qemuUid;
    }

    @Override
    public SupervisedProcess spawn(String name, List<String> command, Map<String, String> variables)
            throws InterruptedException {
        Lifeline current = lifeline;
        if (current == null) {
            throw new IllegalStateException("services start after the lifeline, not in check()");
        }
        return current.spawn(SpawnRequest.of(name, command).withEnvironment(variables));
    }
}
