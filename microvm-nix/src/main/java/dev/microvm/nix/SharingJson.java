/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.qmp.JsonValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The JSON form of {@link NixStoreSharing}: every attribute, so that a later default does not change what was written; absent ones left out. */
final class SharingJson {
    private SharingJson() {}

    static JsonValue write(NixStoreSharing sharing) {
        JsonValue.Obj object = JsonValue.Obj.EMPTY;
        if (sharing.store().root().isPresent()) {
            object = object.with("root", sharing.store().root().get().toString());
        }
        object = object.with("tag", sharing.tag())
                .with("readOnlyMountPoint", sharing.readOnlyMountPoint())
                .with("writableMountPoint", sharing.writableMountPoint())
                .with("mountPoint", sharing.mountPoint())
                .with("databaseDelivery", sharing.databaseDelivery().name());
        return sharing.guestProgram().isPresent()
                ? object.with("guestProgram", sharing.guestProgram().get())
                : object;
    }

    /** @throws IllegalArgumentException naming the member, its value and what is allowed */
    static NixStoreSharing read(JsonValue json) {
        if (!(json instanceof JsonValue.Obj object)) {
            throw new IllegalArgumentException(NixStoreSharing.KIND + " = " + json + ": must be an object");
        }
        NixStoreSharing.Builder builder = NixStoreSharing.builder();
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            String name = member.getKey();
            if (!(member.getValue() instanceof JsonValue.Str text)) {
                throw new IllegalArgumentException(
                        NixStoreSharing.KIND + "." + name + " = " + member.getValue() + ": must be a string");
            }
            set(builder, name, text.value());
        }
        return builder.build();
    }

    private static void set(NixStoreSharing.Builder builder, String name, String value) {
        switch (name) {
            case "root" -> builder.store(NixStore.privateStore(Path.of(value)));
            case "tag" -> builder.tag(value);
            case "readOnlyMountPoint" -> builder.readOnlyMountPoint(value);
            case "writableMountPoint" -> builder.writableMountPoint(value);
            case "mountPoint" -> builder.mountPoint(value);
            case "databaseDelivery" -> builder.databaseDelivery(delivery(value));
            case "guestProgram" -> builder.guestProgram(value);
            default ->
                throw new IllegalArgumentException(NixStoreSharing.KIND + "." + name
                        + ": unknown; known are root, tag, readOnlyMountPoint, writableMountPoint, mountPoint, databaseDelivery,"
                        + " guestProgram");
        }
    }

    private static DatabaseDelivery delivery(String value) {
        return Arrays.stream(DatabaseDelivery.values())
                .filter(known -> known.name().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(NixStoreSharing.KIND + ".databaseDelivery = " + value
                        + ": must be one of " + Arrays.toString(DatabaseDelivery.values())));
    }
}
