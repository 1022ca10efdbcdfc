/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TextMembersTest {

    /** So that a new member is judged by a person, who may find that the rule of what is hidden does not know it. */
    @Test
    void haveAllBeenLookedAt() {
        Set<String> reviewed = new TreeSet<>(TextMembers.PUBLIC);
        reviewed.addAll(TextMembers.SECRET);
        assertThat(reviewed).containsExactlyElementsOf(TextMembers.of(ModelSchema.ofAll()));
        assertThat(TextMembers.SECRET).doesNotContainAnyElementsOf(TextMembers.PUBLIC);
    }
}
