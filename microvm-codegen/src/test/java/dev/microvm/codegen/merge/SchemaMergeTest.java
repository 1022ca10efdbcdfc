/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.schema.Schema;
import dev.microvm.codegen.schema.SchemaReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemaMergeTest {
    private static final String BUILTINS =
            "{'name':'str','meta-type':'builtin','json-type':'string'},{'name':'int','meta-type':'builtin','json-type':'int'},"
                    + "{'name':'0','meta-type':'object','members':[]}";

    /** A schema as QEMU prints it, with single quotes to be readable here. */
    private static Schema schema(String version, String... entries) {
        String text = "[" + BUILTINS + "," + String.join(",", entries) + "]";
        try {
            return SchemaReader.read(version, new ObjectMapper().readTree(text.replace('\'', '"')));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String command(String name, String arguments, String result) {
        return "{'name':'" + name + "','meta-type':'command','arg-type':'" + arguments + "','ret-type':'" + result
                + "'}";
    }

    private static String object(String name, String... members) {
        return "{'name':'" + name + "','meta-type':'object','members':[" + String.join(",", members) + "]}";
    }

    private static String member(String name, String type) {
        return "{'name':'" + name + "','type':'" + type + "'}";
    }

    private static String optional(String name, String type) {
        return "{'name':'" + name + "','type':'" + type + "','default':null}";
    }

    private static String enumeration(String name, String... values) {
        return "{'name':'" + name + "','meta-type':'enum','members':[{'name':'" + String.join("'},{'name':'", values)
                + "'}]}";
    }

    private static Model merge(Schema... schemas) {
        return new SchemaMerge(List.of(schemas), Map.of(), Map.of()).model(Map.of("1.0", "1.0.0", "2.0", "2.0.0"));
    }

    private static String members(List<Model.Member> members) {
        StringBuilder text = new StringBuilder();
        members.forEach(each -> text.append(each.name())
                .append(':')
                .append(each.type())
                .append(each.optional() ? "?" : "")
                .append(each.about().releases())
                .append(' '));
        return text.toString().strip();
    }

    @Test
    void takesTypesInTheSamePlaceForTheSameWhateverTheirMaskedNames() {
        Model model = merge(
                schema(
                        "1.0",
                        command("query-x", "0", "7"),
                        object("7", member("a", "8")),
                        enumeration("8", "on", "off")),
                schema(
                        "2.0",
                        command("query-x", "0", "3"),
                        object("3", member("a", "4")),
                        enumeration("4", "on", "auto")));

        assertThat(model.types()).containsOnlyKeys("QueryXResult", "QueryXA");
        assertThat(((Model.EnumType) model.type("QueryXA")).values().keySet()).containsExactly("on", "auto", "off");
    }

    @Test
    void makesOptionalWhatSomeReleaseDoesNotHaveOrDoesNotDemand() {
        Model model = merge(
                schema(
                        "1.0",
                        command("c", "1", "0"),
                        object("1", member("a", "str"), member("b", "str"), member("old", "int"))),
                schema(
                        "2.0",
                        command("c", "1", "0"),
                        object("1", member("a", "str"), optional("b", "str"), member("new", "int"))));

        assertThat(members(model.commands().get("c").arguments()))
                .isEqualTo("a:str[1.0, 2.0] b:str?[1.0, 2.0] new:int?[2.0] old:int?[1.0]");
    }

    @Test
    void writesArgumentsOutInTheirCommand() {
        Model model = merge(schema("1.0", command("c", "1", "0"), object("1", member("a", "str"))));

        assertThat(model.types()).isEmpty();
    }

    @Test
    void followsATextThatBecameAnEnumeration() {
        Model model = merge(
                schema("1.0", command("c", "1", "0"), object("1", member("a", "str"))),
                schema("2.0", command("c", "1", "0"), object("1", member("a", "5")), enumeration("5", "x", "y")));

        assertThat(members(model.commands().get("c").arguments())).isEqualTo("a:CA[1.0, 2.0]");
    }

    @Test
    void refusesAPlaceWhoseTypesHaveNothingInCommon() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge(
                        schema("1.0", command("c", "1", "0"), object("1", member("a", "str"))),
                        schema(
                                "2.0",
                                command("c", "1", "0"),
                                object("1", member("a", "[int]")),
                                "{'name':'[int]','meta-type':'array','element-type':'int'}")))
                .withMessageContaining("several types");
    }

    @Test
    void mergesTheBranchesOfUnions() {
        String union =
                "{'name':'1','meta-type':'object','members':[{'name':'t','type':'2'}],'tag':'t','variants':[%s]}";
        Model model = merge(
                schema(
                        "1.0",
                        command("c", "1", "0"),
                        enumeration("2", "x"),
                        object("3", member("a", "int")),
                        String.format(union, "{'case':'x','type':'3'}")),
                schema(
                        "2.0",
                        command("c", "1", "0"),
                        enumeration("2", "x", "y"),
                        object("4", member("a", "int"), optional("b", "int")),
                        String.format(union, "{'case':'x','type':'4'},{'case':'y','type':'0'}")));

        assertThat(model.commands().get("c").union()).contains("CArguments");
        Model.UnionType type = (Model.UnionType) model.type("CArguments");
        assertThat(type.tag()).isEqualTo("t");
        assertThat(members(type.branches().get("x").members())).isEqualTo("a:int[1.0, 2.0] b:int?[2.0]");
        assertThat(type.branches().get("y").about().releases()).containsExactly("2.0");
    }

    @Test
    void namesATypeOnceHoweverOftenItIsReached() {
        Model model = merge(schema(
                "1.0",
                command("a", "0", "1"),
                command("b", "0", "2"),
                object("1", member("x", "3")),
                object("2", member("y", "3")),
                object("3", member("z", "int"))));

        assertThat(model.types()).containsOnlyKeys("AResult", "BResult", "AX");
        assertThat(members(((Model.ObjectType) model.type("BResult")).members()))
                .isEqualTo("y:AX[1.0]");
    }

    @Test
    void keepsAPublishedNameWhenAShorterWayToTheTypeAppears() {
        Schema before = schema(
                "1.0", command("z", "0", "1"), object("1", member("deep", "2")), object("2", member("a", "int")));
        Map<String, String> lock = new SchemaMerge(List.of(before), Map.of(), Map.of()).lock();
        assertThat(lock).containsEntry("z.ret.deep", "ZDeep");
        Schema after = schema(
                "2.0",
                command("z", "0", "1"),
                object("1", member("deep", "2")),
                object("2", member("a", "int")),
                command("early", "0", "2"));

        Map<String, String> merged = new SchemaMerge(List.of(before, after), lock, Map.of()).lock();

        assertThat(merged).containsEntry("early.ret", "ZDeep").doesNotContainValue("EarlyResult");
    }

    @Test
    void refusesAChosenNameThatWouldChangeAPublishedOne() {
        Schema schema = schema("1.0", command("z", "0", "1"), object("1", member("a", "int")));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SchemaMerge(List.of(schema), Map.of("z.ret", "ZResult"), Map.of("z.ret", "Zed")))
                .withMessageContaining("z.ret is called ZResult already, so not Zed");
    }

    @Test
    void refusesNamesForWhatIsNowhere() {
        Schema schema = schema("1.0", command("z", "0", "1"), object("1", member("a", "int")));

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new SchemaMerge(List.of(schema), Map.of("gone.ret", "Gone"), Map.of("typo.ret", "Typo")))
                .withMessageContaining("names.lock has gone.ret = Gone")
                .withMessageContaining("names.properties has typo.ret");
    }

    @Test
    void asksForADecisionWhereTwoTypesWouldHaveOneName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge(schema(
                        "1.0",
                        command("a", "0", "1"),
                        object("1", member("result", "2"), member("b", "int")),
                        object("2", member("c", "int")))))
                .withMessageContaining("AResult stands for a.ret and for a.ret.result");
    }

    @Test
    void saysWhatTheNewestReleaseCallsDeprecated() {
        String deprecated =
                "{'name':'c','meta-type':'command','arg-type':'0','ret-type':'0','features':['deprecated','unstable']}";
        Model model = merge(schema("1.0", command("c", "0", "0")), schema("2.0", deprecated));
        Model before = merge(schema("1.0", deprecated), schema("2.0", command("c", "0", "0")));

        assertThat(model.commands().get("c").about()).isEqualTo(new Model.About(List.of("1.0", "2.0"), true, true));
        assertThat(before.commands().get("c").about()).isEqualTo(new Model.About(List.of("1.0", "2.0"), false, false));
    }
}
