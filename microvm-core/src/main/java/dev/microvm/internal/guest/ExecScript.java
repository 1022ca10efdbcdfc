/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.guest.ExecRequest;
import dev.microvm.internal.image.ShellText;
import java.util.stream.Collectors;

/**
 * Writes a request as a script for the guest. It only prepares and then becomes the program by {@code exec}.
 *
 * <p>The shell that reads it may be busybox, which would take its own applet for a program without a path. So the program is looked for
 * here, and run by its path. That also saves running the guest's own shell, under TCG about 30 ms.
 */
public final class ExecScript {
    private static final String BECOME_THE_PROGRAM = """
            case $1 in
            */*) exec "$@" ;;
            esac
            set -f
            IFS=:
            for folder in $PATH; do
            if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then
            program=$folder/$1
            shift
            unset IFS
            exec "$program" "$@"
            fi
            done
            printf 'sh: %s: not found\\n' "$1" >&2
            exit 127
            """;

    /** A root without a shell of its own still runs scripts. */
    private static final String BUSYBOX_FOR_SH = """
            [ -x /bin/sh ] || { shift; set -- /run/microvm/busybox sh "$@"; }
            """;

    private ExecScript() {}

    /** {@return the script} */
    public static String of(ExecRequest request) {
        StringBuilder script = new StringBuilder();
        request.environment()
                .forEach((name, value) -> script.append("export ")
                        .append(name)
                        .append('=')
                        .append(ShellText.quote(value))
                        .append('\n'));
        // "cd --" would go elsewhere by CDPATH only for relative folders.
        script.append("cd ").append(ShellText.quote(request.workingFolder())).append(" || exit 126\n");
        script.append("set -- ")
                .append(request.command().stream().map(ShellText::quote).collect(Collectors.joining(" ")))
                .append('\n');
        if (request.command().get(0).equals("/bin/sh")) {
            script.append(BUSYBOX_FOR_SH);
        }
        return script.append(BECOME_THE_PROGRAM).toString();
    }
}
