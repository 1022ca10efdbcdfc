/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.codegen.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReleaseFactsTest {
    private static final Model.About BOTH = about("1", "2");
    private static final Model.About OLD = about("1");
    private static final Model.About NEW = about("2");

    private static Model.About about(String... releases) {
        return new Model.About(List.of(releases), false, false);
    }

    private static Model.Member member(String name, String type, Model.About about) {
        return new Model.Member(name, new Model.Ref(type, 0), true, about);
    }

    private static Model.Command command(Model.About about, Model.Member... arguments) {
        return new Model.Command(about, false, List.of(arguments), Optional.empty(), Optional.empty());
    }

    private static List<String> facts(Model.Command command, Map<String, Model.Type> types) {
        Map<String, String> releases = new LinkedHashMap<>();
        releases.put("1", "1.0");
        releases.put("2", "2.0");
        return new ReleaseFacts(new Model(releases, Map.of("c", command), Map.of(), types))
                .text()
                .lines()
                .toList();
    }

    @Test
    void tellsNothingOfWhatIsEverywhere() {
        assertThat(facts(command(BOTH, member("m", "str", BOTH)), Map.of())).containsExactly("1,2");
        assertThat(facts(command(NEW, member("m", "str", NEW)), Map.of())).containsExactly("1,2", "c 2");
    }

    @Test
    void tellsMembersAndValuesAtWhateverDepth() {
        Map<String, Model.Type> types = Map.of(
                "Outer", new Model.AlternateType(List.of(new Model.Ref("str", 0), new Model.Ref("Inner", 1))),
                "Inner",
                        new Model.UnionType(
                                List.of(member("kind", "Kind", BOTH)),
                                "kind",
                                Map.of(
                                        "a",
                                        new Model.Branch(
                                                BOTH,
                                                List.of(member("gone", "int", OLD), member("again", "Outer", BOTH)),
                                                Optional.empty()))),
                "Kind", new Model.EnumType(Map.of("a", BOTH, "b", NEW)));
        assertThat(facts(command(BOTH, member("m", "Outer", BOTH), member("n", "bool", NEW)), types))
                .containsExactly("1,2", "c * gone:1 kind=b:2 n:2");
    }

    @Test
    void tellsNothingOfANameThatStandsForTwoThings() {
        Map<String, Model.Type> types = Map.of("Inner", new Model.ObjectType(List.of(member("m", "str", NEW))));
        assertThat(facts(command(BOTH, member("m", "int", BOTH), member("i", "Inner", BOTH)), types))
                .containsExactly("1,2");
        assertThat(facts(command(BOTH, member("i", "Inner", BOTH)), types)).containsExactly("1,2", "c * m:2");
    }
}
