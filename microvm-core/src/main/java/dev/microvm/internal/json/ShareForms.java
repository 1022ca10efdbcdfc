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
import dev.microvm.spec.IdMap;
import dev.microvm.spec.MultiDevs;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.VirtiofsShare;
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

    static final ObjectForm<IdMap, IdMap.Builder> ID_MAP = ObjectForm.of(IdMap::builder, IdMap.Builder::build)
            .required("kind", enumOf(IdMap.Kind.class), IdMap::kind, IdMap.Builder::kind)
            .defaulted("guestUid", INTEGER, IdMap::guestUid, IdMap.Builder::guestUid)
            .defaulted("guestGid", INTEGER, IdMap::guestGid, IdMap.Builder::guestGid);

    static final ObjectForm<VirtiofsShare, VirtiofsShare.Builder> VIRTIOFS = ObjectForm.of(
                    VirtiofsShare::builder, VirtiofsShare.Builder::build)
            .required("tag", TEXT, VirtiofsShare::tag, VirtiofsShare.Builder::tag)
            .required("source", PATH, VirtiofsShare::source, VirtiofsShare.Builder::source)
            .optional("mountPoint", TEXT, VirtiofsShare::mountPoint, VirtiofsShare.Builder::mountPoint)
            .defaulted("readOnly", FLAG, VirtiofsShare::readOnly, VirtiofsShare.Builder::readOnly)
            .defaulted("cache", enumOf(CachePolicy.class), VirtiofsShare::cache, VirtiofsShare.Builder::cache)
            .defaulted("sandbox", enumOf(Sandbox.class), VirtiofsShare::sandbox, VirtiofsShare.Builder::sandbox)
            .defaulted("idMap", ID_MAP, VirtiofsShare::idMap, VirtiofsShare.Builder::idMap)
            .list("extraArguments", TEXT, VirtiofsShare::extraArguments, VirtiofsShare.Builder::addAllExtraArguments);

    private ShareForms() {}

    private static Optional<Integer> boxed(OptionalInt value) {
        return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
    }
}
