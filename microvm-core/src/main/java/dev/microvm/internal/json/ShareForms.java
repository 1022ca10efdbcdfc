/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import static dev.microvm.internal.json.JsonTypes.FLAG;
import static dev.microvm.internal.json.JsonTypes.INTEGER;
import static dev.microvm.internal.json.JsonTypes.MODE;
import static dev.microvm.internal.json.JsonTypes.PATH;
import static dev.microvm.internal.json.JsonTypes.TEXT;
import static dev.microvm.internal.json.JsonTypes.enumOf;

import dev.microvm.spec.AutoShare;
import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.DaemonDeath;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.InodeFileHandles;
import dev.microvm.spec.MultiDevs;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.SeccompAction;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.VirtiofsMigration;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdLogLevel;
import dev.microvm.spec.VirtiofsdOptions;
import java.util.Optional;
import java.util.OptionalInt;

/** The tables of shares. */
final class ShareForms {
    static final ObjectForm<NinePShare, NinePShare.Builder> NINE_P = ObjectForm.of(
                    NinePShare::builder, NinePShare.Builder::build)
            .required("tag", TEXT, NinePShare::tag, NinePShare.Builder::tag)
            .required("source", PATH, NinePShare::source, NinePShare.Builder::source)
            .optional("mountPoint", TEXT, NinePShare::mountPoint, NinePShare.Builder::mountPoint)
            .defaulted("readOnly", FLAG, NinePShare::readOnly, NinePShare.Builder::readOnly)
            .defaulted(
                    "securityModel",
                    enumOf(SecurityModel.class),
                    NinePShare::securityModel,
                    NinePShare.Builder::securityModel)
            .defaulted("cache", enumOf(NinePCache.class), NinePShare::cache, NinePShare.Builder::cache)
            .defaulted("msize", INTEGER, NinePShare::msize, NinePShare.Builder::msize)
            .defaulted("multidevs", enumOf(MultiDevs.class), NinePShare::multidevs, NinePShare.Builder::multidevs)
            .optional("fmode", MODE, share -> boxed(share.fmode()), NinePShare.Builder::fmode)
            .optional("dmode", MODE, share -> boxed(share.dmode()), NinePShare.Builder::dmode);

    static final ObjectForm<AutoShare, AutoShare.Builder> AUTO = ObjectForm.of(
                    AutoShare::builder, AutoShare.Builder::build)
            .required("tag", TEXT, AutoShare::tag, AutoShare.Builder::tag)
            .required("source", PATH, AutoShare::source, AutoShare.Builder::source)
            .optional("mountPoint", TEXT, AutoShare::mountPoint, AutoShare.Builder::mountPoint)
            .defaulted("readOnly", FLAG, AutoShare::readOnly, AutoShare.Builder::readOnly)
            .defaulted("guestId", INTEGER, AutoShare::guestId, AutoShare.Builder::guestId);

    private static final JsonType<IdTranslation> TRANSLATION =
            JsonTypes.textOf(IdTranslation::toString, IdTranslation::parse);

    private static final JsonType<IdRange> ID_RANGE = JsonTypes.textOf(IdRange::toString, IdRange::parse);

    static final ObjectForm<IdMap, IdMap.Builder> ID_MAP = ObjectForm.of(IdMap::builder, IdMap.Builder::build)
            .required("kind", enumOf(IdMap.Kind.class), IdMap::kind, IdMap.Builder::kind)
            .defaulted("guestUid", INTEGER, IdMap::guestUid, IdMap.Builder::guestUid)
            .defaulted("guestGid", INTEGER, IdMap::guestGid, IdMap.Builder::guestGid)
            .list("uidTranslations", TRANSLATION, IdMap::uidTranslations, IdMap.Builder::addAllUidTranslations)
            .list("gidTranslations", TRANSLATION, IdMap::gidTranslations, IdMap.Builder::addAllGidTranslations)
            .list("uidRanges", ID_RANGE, IdMap::uidRanges, IdMap.Builder::addAllUidRanges)
            .list("gidRanges", ID_RANGE, IdMap::gidRanges, IdMap.Builder::addAllGidRanges);

    static final ObjectForm<VirtiofsMigration, VirtiofsMigration.Builder> MIGRATION = ObjectForm.of(
                    VirtiofsMigration::builder, VirtiofsMigration.Builder::build)
            .defaulted(
                    "mode",
                    enumOf(VirtiofsMigration.Mode.class),
                    VirtiofsMigration::mode,
                    VirtiofsMigration.Builder::mode)
            .defaulted(
                    "onError",
                    enumOf(VirtiofsMigration.OnError.class),
                    VirtiofsMigration::onError,
                    VirtiofsMigration.Builder::onError)
            .defaulted(
                    "verifyHandles", FLAG, VirtiofsMigration::verifyHandles, VirtiofsMigration.Builder::verifyHandles)
            .defaulted("confirmPaths", FLAG, VirtiofsMigration::confirmPaths, VirtiofsMigration.Builder::confirmPaths);

    static final ObjectForm<VirtiofsdOptions, VirtiofsdOptions.Builder> DAEMON = ObjectForm.of(
                    VirtiofsdOptions::builder, VirtiofsdOptions.Builder::build)
            .optional(
                    "inodeFileHandles",
                    enumOf(InodeFileHandles.class),
                    VirtiofsdOptions::inodeFileHandles,
                    VirtiofsdOptions.Builder::inodeFileHandles)
            .defaulted(
                    "threadPoolSize",
                    INTEGER,
                    VirtiofsdOptions::threadPoolSize,
                    VirtiofsdOptions.Builder::threadPoolSize)
            .defaulted(
                    "announceSubmounts",
                    FLAG,
                    VirtiofsdOptions::announceSubmounts,
                    VirtiofsdOptions.Builder::announceSubmounts)
            .defaulted(
                    "seccomp",
                    enumOf(SeccompAction.class),
                    VirtiofsdOptions::seccomp,
                    VirtiofsdOptions.Builder::seccomp)
            .optional("socketGroup", TEXT, VirtiofsdOptions::socketGroup, VirtiofsdOptions.Builder::socketGroup)
            .optional("rlimitNofile", INTEGER, VirtiofsdOptions::rlimitNofile, VirtiofsdOptions.Builder::rlimitNofile)
            .defaulted("allowMmap", FLAG, VirtiofsdOptions::allowMmap, VirtiofsdOptions.Builder::allowMmap)
            .defaulted("writeback", FLAG, VirtiofsdOptions::writeback, VirtiofsdOptions.Builder::writeback)
            .defaulted("directIo", FLAG, VirtiofsdOptions::directIo, VirtiofsdOptions.Builder::directIo)
            .defaulted(
                    "preserveNoatime",
                    FLAG,
                    VirtiofsdOptions::preserveNoatime,
                    VirtiofsdOptions.Builder::preserveNoatime)
            .defaulted("killprivV2", FLAG, VirtiofsdOptions::killprivV2, VirtiofsdOptions.Builder::killprivV2)
            .defaulted("securityLabel", FLAG, VirtiofsdOptions::securityLabel, VirtiofsdOptions.Builder::securityLabel)
            .optional("xattrMap", TEXT, VirtiofsdOptions::xattrMap, VirtiofsdOptions.Builder::xattrMap)
            .list(
                    "addedCapabilities",
                    TEXT,
                    VirtiofsdOptions::addedCapabilities,
                    VirtiofsdOptions.Builder::addAllAddedCapabilities)
            .list(
                    "droppedCapabilities",
                    TEXT,
                    VirtiofsdOptions::droppedCapabilities,
                    VirtiofsdOptions.Builder::addAllDroppedCapabilities)
            .defaulted(
                    "logLevel",
                    enumOf(VirtiofsdLogLevel.class),
                    VirtiofsdOptions::logLevel,
                    VirtiofsdOptions.Builder::logLevel)
            .defaulted("migration", MIGRATION, VirtiofsdOptions::migration, VirtiofsdOptions.Builder::migration)
            .defaulted("queueSize", INTEGER, VirtiofsdOptions::queueSize, VirtiofsdOptions.Builder::queueSize)
            .list(
                    "extraArguments",
                    TEXT,
                    VirtiofsdOptions::extraArguments,
                    VirtiofsdOptions.Builder::addAllExtraArguments);

    static final ObjectForm<VirtiofsShare, VirtiofsShare.Builder> VIRTIOFS = ObjectForm.of(
                    VirtiofsShare::builder, VirtiofsShare.Builder::build)
            .required("tag", TEXT, VirtiofsShare::tag, VirtiofsShare.Builder::tag)
            .required("source", PATH, VirtiofsShare::source, VirtiofsShare.Builder::source)
            .optional("mountPoint", TEXT, VirtiofsShare::mountPoint, VirtiofsShare.Builder::mountPoint)
            .defaulted("readOnly", FLAG, VirtiofsShare::readOnly, VirtiofsShare.Builder::readOnly)
            .defaulted("cache", enumOf(CachePolicy.class), VirtiofsShare::cache, VirtiofsShare.Builder::cache)
            .defaulted("sandbox", enumOf(Sandbox.class), VirtiofsShare::sandbox, VirtiofsShare.Builder::sandbox)
            .defaulted("idMap", ID_MAP, VirtiofsShare::idMap, VirtiofsShare.Builder::idMap)
            .defaulted("xattr", FLAG, VirtiofsShare::xattr, VirtiofsShare.Builder::xattr)
            .defaulted("posixAcl", FLAG, VirtiofsShare::posixAcl, VirtiofsShare.Builder::posixAcl)
            .defaulted("onDeath", enumOf(DaemonDeath.class), VirtiofsShare::onDeath, VirtiofsShare.Builder::onDeath)
            .defaulted("daemon", DAEMON, VirtiofsShare::daemon, VirtiofsShare.Builder::daemon);

    private ShareForms() {}

    private static Optional<Integer> boxed(OptionalInt value) {
        return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
    }
}
