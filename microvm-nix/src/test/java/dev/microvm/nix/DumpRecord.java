/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** One path of a dump, as a reader who knows only the format sees it. */
record DumpRecord(String path, String hash, long narSize, String deriver, List<String> references) {
    static List<DumpRecord> parse(String text) {
        Iterator<String> lines = text.lines().iterator();
        List<DumpRecord> records = new ArrayList<>();
        while (lines.hasNext()) {
            String path = lines.next();
            String hash = lines.next();
            long narSize = Long.parseLong(lines.next());
            String deriver = lines.next();
            int count = Integer.parseInt(lines.next());
            List<String> references = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                references.add(lines.next());
            }
            records.add(new DumpRecord(path, hash, narSize, deriver, references));
        }
        return records;
    }

    static String text(StoreDump dump) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        dump.writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    static List<DumpRecord> of(StoreDump dump) throws IOException {
        return parse(text(dump));
    }

    static DumpRecord sample(char letter, String name, String... references) {
        return new DumpRecord(
                samplePath(letter, name), String.valueOf(letter).repeat(64), letter, "", List.of(references));
    }

    static String samplePath(char letter, String name) {
        return "/nix/store/" + String.valueOf(letter).repeat(32) + "-" + name;
    }
}
