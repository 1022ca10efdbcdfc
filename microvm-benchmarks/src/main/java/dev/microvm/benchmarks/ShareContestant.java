/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.InodeFileHandles;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * One way to share the folder: what the host offers and how the guest mounts it. All of them share the same folder with the same guest.
 *
 * @param name for the tables
 * @param tag the mount tag, also the name of its mount point and of its folder for writing
 * @param share what is offered; mounted by the benchmark itself
 * @param mountOptions the guest's {@code -o}
 */
record ShareContestant(String name, String tag, Share share, String mountOptions) {
    static final String OUR_VIRTIOFS = "virtiofs, ours";
    static final String OUR_NINEP = "9p, ours";

    /** What virtme-ng asks for; the kernel's 9p client over virtio takes 512000 at most, so that is what it gets. */
    private static final int VIRTME_MSIZE = 524_288;

    private static final int PEER_MSIZE = 65_536;

    /**
     * {@return our defaults first, then those of the peers, as their generated command lines have them}
     *
     * @param source the folder
     * @param processors of the host: microvm.nix gives virtiofsd as many threads
     */
    static List<ShareContestant> of(Path source, int processors) {
        return List.of(
                virtiofs(OUR_VIRTIOFS, VirtiofsShare.of("ours-virtiofs", source)),
                ours(NinePShare.of("ours-9p", source)),
                virtiofs(
                        "virtiofs, microvm.nix",
                        VirtiofsShare.builder()
                                .tag("peer-virtiofs")
                                .source(source)
                                .sandbox(Sandbox.NAMESPACE)
                                .cache(CachePolicy.AUTO)
                                .idMap(IdMap.IDENTITY)
                                .posixAcl(true)
                                .xattr(true)
                                .daemon(VirtiofsdOptions.builder()
                                        .threadPoolSize(processors)
                                        .inodeFileHandles(InodeFileHandles.PREFER)
                                        .build())
                                .build()),
                new ShareContestant(
                        "9p, microvm.nix",
                        "peer-9p",
                        NinePShare.builder()
                                .tag("peer-9p")
                                .source(source)
                                .msize(PEER_MSIZE)
                                .build(),
                        ninep(PEER_MSIZE)),
                virtiofs(
                        "virtiofs, virtme-ng",
                        VirtiofsShare.builder()
                                .tag("virtme-virtiofs")
                                .source(source)
                                .sandbox(Sandbox.NONE)
                                .cache(CachePolicy.ALWAYS)
                                .idMap(IdMap.IDENTITY)
                                .daemon(VirtiofsdOptions.builder()
                                        .announceSubmounts(false)
                                        .inodeFileHandles(InodeFileHandles.NEVER)
                                        .build())
                                .build()),
                new ShareContestant(
                        "9p, virtme-ng",
                        "virtme-9p",
                        NinePShare.of("virtme-9p", source),
                        ninep(VIRTME_MSIZE) + ",access=any"));
    }

    private static ShareContestant ours(NinePShare share) {
        return new ShareContestant(OUR_NINEP, share.tag(), share, share.mountOptions());
    }

    private static ShareContestant virtiofs(String name, VirtiofsShare share) {
        return new ShareContestant(name, share.tag(), share, "rw");
    }

    private static String ninep(int msize) {
        return "rw,trans=virtio,version=9p2000.L,msize=" + msize;
    }

    /** {@return the command by which the guest mounts it} */
    String mount() {
        return "mount -t " + (share instanceof NinePShare ? "9p" : "virtiofs") + " -o " + mountOptions + " " + tag + " "
                + mountPoint();
    }

    /** {@return where the guest mounts it} */
    String mountPoint() {
        return "/mnt/" + tag;
    }
}
