/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Arguments that shells and quoting have trouble with. */
final class Arguments {
    private Arguments() {}

    /** {@return texts of quotes, backslashes, blanks, newlines, wildcards, expansions, and letters of two to four bytes} */
    static Arbitrary<String> any() {
        Arbitrary<String> pieces = Arbitraries.of(
                "'",
                "\"",
                "\\",
                " ",
                "\t",
                "\n",
                "\r",
                "$HOME",
                "${x}",
                "`id`",
                "$(id)",
                "*",
                "?",
                "[a]",
                "~",
                "!",
                "#",
                ";",
                "&",
                "|",
                "<",
                ">",
                "(",
                ")",
                "{a,b}",
                "%s",
                "%b",
                "\\n",
                "\\0101",
                "\\c",
                "-e",
                "-n",
                "--",
                "a=b",
                "ä",
                "ā",
                "\u0001",
                "\u007f",
                "\u0081",
                "\u0088",
                "Á",
                "À",
                "Ć",
                "日本",
                "\uD83D\uDE00",
                "x");
        return pieces.list().ofMaxSize(8).map(list -> String.join("", list));
    }
}
