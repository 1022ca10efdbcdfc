/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.model;

import java.util.List;

/** What is said about a thing, as the short text of the model's file: {@code 10.0,11.1 deprecated unstable}. */
final class Abouts {
    private Abouts() {}

    /** The text, without the releases where the thing is wherever its owner is. */
    static String text(Model.About about, List<String> owner) {
        StringBuilder text = new StringBuilder();
        if (!about.releases().equals(owner)) {
            text.append(String.join(",", about.releases()));
        }
        if (about.deprecated()) {
            text.append(" deprecated");
        }
        if (about.unstable()) {
            text.append(" unstable");
        }
        return text.toString().strip();
    }

    static Model.About parse(String text, List<String> owner) {
        List<String> words = List.of(text.strip().split(" ", -1));
        String first = words.get(0);
        boolean releases = !first.isEmpty() && Character.isDigit(first.charAt(0));
        return new Model.About(
                releases ? List.of(first.split(",", -1)) : owner,
                words.contains("deprecated"),
                words.contains("unstable"));
    }
}
