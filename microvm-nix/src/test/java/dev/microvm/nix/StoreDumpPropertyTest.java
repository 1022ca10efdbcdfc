/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class StoreDumpPropertyTest {
    private static final String BASE32 = "0123456789abcdfghijklmnpqrsvwxyz";

    @Property(tries = 25)
    void parsedDumpIsWhatTheDatabaseHolds(@ForAll("stores") List<DumpRecord> records, @ForAll Random order)
            throws Exception {
        Path folder = Files.createTempDirectory("microvm-nix-dump");
        try {
            SampleStore sample = SampleStore.create(folder);
            List<DumpRecord> shuffled = new ArrayList<>(records);
            Collections.shuffle(shuffled, order);
            sample.register(shuffled);
            StoreDump dump = StoreDump.of(sample.database());
            assertThat(DumpRecord.of(dump)).isEqualTo(records);
            assertThat(dump.paths()).isEqualTo(records.size());
            assertThat(dump.references())
                    .isEqualTo(records.stream()
                            .mapToLong(r -> r.references().size())
                            .sum());
            assertThat(dump.token()).isEqualTo(sample.database().token());
        } finally {
            deleteTree(folder);
        }
    }

    @Property(tries = 10)
    void streamGivesTheSameBytesInWhateverPiecesItIsRead(
            @ForAll("stores") List<DumpRecord> records, @ForAll @IntRange(min = 1, max = 300) int piece)
            throws Exception {
        Path folder = Files.createTempDirectory("microvm-nix-dump");
        try {
            SampleStore sample = SampleStore.create(folder);
            sample.register(records);
            StoreDump dump = StoreDump.of(sample.database());
            StringBuilder read = new StringBuilder();
            try (InputStream in = dump.newInputStream()) {
                byte[] block = new byte[piece];
                for (int n = in.read(block); n >= 0; n = in.read(block)) {
                    read.append(new String(block, 0, n, StandardCharsets.UTF_8));
                }
                assertThat(in.read()).isEqualTo(-1);
            }
            assertThat(read.toString()).isEqualTo(DumpRecord.text(dump));
        } finally {
            deleteTree(folder);
        }
    }

    @Provide
    Arbitrary<List<DumpRecord>> stores() {
        return Arbitraries.integers().between(0, 25).flatMap(n -> Arbitraries.randomValue(random -> store(n, random)));
    }

    private static List<DumpRecord> store(int n, Random random) {
        Set<String> paths = new TreeSet<>();
        while (paths.size() < n) {
            paths.add("/nix/store/" + characters(random, BASE32, 32) + "-"
                    + characters(random, "aZ9+-._?=", 1 + random.nextInt(20)));
        }
        List<String> all = List.copyOf(paths);
        return paths.stream()
                .map(path -> new DumpRecord(
                        path,
                        characters(random, "0123456789abcdef", 64),
                        random.nextInt(4) == 0 ? 0 : random.nextLong(Long.MAX_VALUE),
                        random.nextInt(3) == 0 ? "" : all.get(random.nextInt(n)) + ".drv",
                        all.stream().filter(other -> random.nextInt(4) == 0).toList()))
                .toList();
    }

    private static String characters(Random random, String alphabet, int length) {
        return random.ints(length, 0, alphabet.length())
                .collect(StringBuilder::new, (text, i) -> text.append(alphabet.charAt(i)), StringBuilder::append)
                .toString();
    }

    private static void deleteTree(Path folder) throws Exception {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
