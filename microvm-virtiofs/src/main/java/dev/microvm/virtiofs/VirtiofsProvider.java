/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.HostServiceProvider;
import dev.microvm.spi.ShareChoice;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Serves each {@link VirtiofsShare} with a {@link Virtiofsd}, looks at each {@link NinePShare} with a {@link NinePExport}, and decides what
 * an {@link AutoShare} becomes; found by {@link java.util.ServiceLoader}.
 */
public final class VirtiofsProvider implements HostServiceProvider {
    /** Creates one; it has no state. */
    public VirtiofsProvider() {}

    @Override
    public boolean serves(Share share) {
        return share instanceof VirtiofsShare || share instanceof NinePShare;
    }

    @Override
    public HostService serviceFor(Share share, HostContext context) {
        if (share instanceof VirtiofsShare virtiofs) {
            return Virtiofsd.of(virtiofs, context);
        }
        if (share instanceof NinePShare ninep) {
            NinePExport export = NinePExport.of(ninep);
            return new NinePService(
                    context.qemuUid().isPresent()
                            ? export.servedBy(context.qemuUid().getAsInt())
                            : export);
        }
        throw new UnsupportedOperationException("does not serve share " + share.tag());
    }

    @Override
    public Optional<ShareChoice> choose(AutoShare share, HostContext context) {
        try {
            VirtiofsdProbe probe = VirtiofsdProbe.run(context.environment(), context.cacheFolder());
            VirtiofsShare virtiofs = share.toVirtiofs();
            List<Problem> against = Virtiofsd.of(virtiofs, context).check().stream()
                    // A folder that cannot be shared cannot be shared by 9p either; that is told of the share itself.
                    .filter(problem -> !problem.subject().endsWith("].source"))
                    .toList();
            return Optional.of(
                    against.isEmpty()
                            ? new ShareChoice(virtiofs, probe.describe())
                            : new ShareChoice(share.toNineP(qemuIsRoot(context)), why(against, probe)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static boolean qemuIsRoot(HostContext context) {
        return context.qemuUid().isEmpty() && Caller.current().isRoot();
    }

    private static String why(List<Problem> against, VirtiofsdProbe probe) {
        String details = against.stream().map(Problem::detail).collect(Collectors.joining("; "));
        return "virtiofs does not work here: "
                + probe.program().map(found -> probe.describe() + ": ").orElse("") + details;
    }
}
