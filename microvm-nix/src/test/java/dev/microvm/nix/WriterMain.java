/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;

/** Opens a database, commits a few paths, closes it, again and again until standard input ends; prints how many it has committed. */
public final class WriterMain {
    private WriterMain() {}

    /** Takes the store's folder; the database is there already. */
    public static void main(String[] arguments) throws Exception {
        SampleStore sample = SampleStore.at(Path.of(arguments[0]));
        int n = 0;
        while (System.in.available() == 0) {
            try (Connection writer = sample.writer()) {
                writer.setAutoCommit(false);
                for (int end = n + 1 + n % 5; n < end; n++) {
                    String[] references =
                            n == 0 ? new String[0] : new String[] {DumpRecord.samplePath('a', "p" + (n - 1))};
                    SampleStore.insert(writer, List.of(DumpRecord.sample('a', "p" + n, references)));
                    writer.commit();
                    System.out.println(n + 1);
                }
            }
        }
    }
}
