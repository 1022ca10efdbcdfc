/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import static dev.microvm.internal.json.JsonTypes.FLAG;
import static dev.microvm.internal.json.JsonTypes.INTEGER;
import static dev.microvm.internal.json.JsonTypes.PATH;
import static dev.microvm.internal.json.JsonTypes.TEXT;
import static dev.microvm.internal.json.JsonTypes.enumOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.PersistentPath;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.util.Iterator;
import java.util.Locale;

/** The tables of what a guest keeps: overlays, volumes, persistent paths. */
final class StorageForms {
    static final ObjectForm<StoreOverlay, StoreOverlay.Builder> STORE_OVERLAY = ObjectForm.of(
                    StoreOverlay::builder, StoreOverlay.Builder::build)
            .required("lower", TEXT, StoreOverlay::lower, StoreOverlay.Builder::lower)
            .required("upper", TEXT, StoreOverlay::upper, StoreOverlay.Builder::upper)
            .defaulted(
                    "upperLayer", enumOf(UpperLayer.class), StoreOverlay::upperLayer, StoreOverlay.Builder::upperLayer)
            .optional("sizeMib", INTEGER, StoreOverlay::sizeMib, StoreOverlay.Builder::sizeMib)
            .required("mountPoint", TEXT, StoreOverlay::mountPoint, StoreOverlay.Builder::mountPoint);

    static final ObjectForm<Volume, Volume.Builder> VOLUME = ObjectForm.of(Volume::builder, Volume.Builder::build)
            .required("image", PATH, Volume::image, Volume.Builder::image)
            .defaulted("format", enumOf(VolumeFormat.class), Volume::format, Volume.Builder::format)
            .defaulted("linked", FLAG, Volume::linked, Volume.Builder::linked)
            .defaulted("readOnly", FLAG, Volume::readOnly, Volume.Builder::readOnly)
            .optional("serial", TEXT, Volume::serial, Volume.Builder::serial)
            .optional("createMib", INTEGER, Volume::createMib, Volume.Builder::createMib)
            .optional("fileSystem", enumOf(FileSystem.class), Volume::fileSystem, Volume.Builder::fileSystem)
            .optional("label", TEXT, Volume::label, Volume.Builder::label)
            .list("mkfsArguments", TEXT, Volume::mkfsArguments, Volume.Builder::addAllMkfsArguments)
            .optional("mountPoint", TEXT, Volume::mountPoint, Volume.Builder::mountPoint)
            .list("mountOptions", TEXT, Volume::mountOptions, Volume.Builder::addAllMountOptions)
            .defaulted("direct", FLAG, Volume::direct, Volume.Builder::direct)
            .defaulted("discard", FLAG, Volume::discard, Volume.Builder::discard);

    /** The mode is written as people write modes: octal, in a text. */
    static final JsonType<PersistentPath> PERSISTENT_PATH = new JsonType<>() {
        @Override
        public JsonNode write(PersistentPath value) {
            return JsonTypes.NODES
                    .objectNode()
                    .put("path", value.path())
                    .put("mode", String.format(Locale.ROOT, "%04o", value.mode()));
        }

        @Override
        public PersistentPath read(JsonNode node, JsonPlace at) {
            if (!(node instanceof ObjectNode object)) {
                throw at.wrong("must be an object, not " + node);
            }
            for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!name.equals("path") && !name.equals("mode")) {
                    throw at.member(name).wrong("is unknown; known: path, mode");
                }
            }
            String path = member(object, "path", at);
            String mode = member(object, "mode", at);
            if (!mode.matches("0?[0-7]{1,3}")) {
                throw at.member("mode").wrong("must be an octal mode such as \"0755\", not \"" + mode + "\"");
            }
            try {
                return new PersistentPath(path, Integer.parseInt(mode, 8));
            } catch (IllegalArgumentException e) {
                throw at.wrong(e);
            }
        }

        private String member(ObjectNode object, String name, JsonPlace at) {
            JsonNode value = object.get(name);
            if (value == null) {
                throw at.member(name).wrong("is missing");
            }
            return JsonTypes.text(value, at.member(name));
        }
    };

    static final ObjectForm<Persistence, Persistence.Builder> PERSISTENCE = ObjectForm.of(
                    Persistence::builder, Persistence.Builder::build)
            .required("at", TEXT, Persistence::at, Persistence.Builder::at)
            .optional("user", TEXT, Persistence::user, Persistence.Builder::user)
            .optional("home", TEXT, Persistence::home, Persistence.Builder::home)
            .optional("uid", INTEGER, Persistence::uid, Persistence.Builder::uid)
            .optional("gid", INTEGER, Persistence::gid, Persistence.Builder::gid)
            .list("directories", PERSISTENT_PATH, Persistence::directories, Persistence.Builder::addAllDirectories)
            .list("files", PERSISTENT_PATH, Persistence::files, Persistence.Builder::addAllFiles);

    private StorageForms() {}
}
