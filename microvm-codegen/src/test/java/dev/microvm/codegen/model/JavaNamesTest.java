/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.codegen.CommittedModel;
import java.util.Set;
import javax.lang.model.SourceVersion;
import org.junit.jupiter.api.Test;

/** These rules are published: another result for a name on the wire is another name in somebody's source. */
class JavaNamesTest {
    @Test
    void joinsWordsWithCapitals() {
        assertThat(JavaNames.type("query-status")).isEqualTo("QueryStatus");
        assertThat(JavaNames.type("netdev_add")).isEqualTo("NetdevAdd");
        assertThat(JavaNames.type("JOB_STATUS_CHANGE")).isEqualTo("JobStatusChange");
        assertThat(JavaNames.type("blockdev-add/qcow2.overlap-check|enum"))
                .isEqualTo("BlockdevAddQcow2OverlapCheckEnum");
        assertThat(JavaNames.member("node-name")).isEqualTo("nodeName");
        assertThat(JavaNames.member("UUID")).isEqualTo("uuid");
        assertThat(JavaNames.member("rd_bytes")).isEqualTo("rdBytes");
    }

    @Test
    void writesConstantsInCapitals() {
        assertThat(JavaNames.constant("guest-shutdown")).isEqualTo("GUEST_SHUTDOWN");
        assertThat(JavaNames.constant("DIMM")).isEqualTo("DIMM");
        assertThat(JavaNames.constant("3des")).isEqualTo("_3DES");
    }

    @Test
    void goesAroundWhatJavaReserves() {
        assertThat(JavaNames.member("wait")).isEqualTo("waitForClient");
        assertThat(JavaNames.member("default")).isEqualTo("defaultValue");
        assertThat(JavaNames.type("string")).isEqualTo("StringValue");
    }

    @Test
    void makesAnIdentifierOfEveryNameOfTheModel() {
        Set<String> noComponents = Set.of(
                "clone", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait", "read", "name");
        for (Model.Type type : CommittedModel.read().types().values()) {
            if (type instanceof Model.ObjectType object) {
                for (Model.Member member : object.members()) {
                    String java = JavaNames.member(member.name());
                    assertThat(SourceVersion.isName(java)).as(java).isTrue();
                    assertThat(noComponents.contains(java) && !java.equals("name"))
                            .as(java)
                            .isFalse();
                }
            } else if (type instanceof Model.EnumType enumeration) {
                enumeration
                        .values()
                        .keySet()
                        .forEach(value -> assertThat(SourceVersion.isName(JavaNames.constant(value)))
                                .as(value)
                                .isTrue());
            }
        }
    }
}
