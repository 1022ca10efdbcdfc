/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.PortForward;
import java.nio.file.Path;
import java.util.List;

/**
 * The program that QEMU starts for each connection from the guest to the host: a busybox {@code nc} that ends with QEMU.
 *
 * <p>By itself it would not: libslirp starts it as an orphan in a session of its own ({@code g_spawn_async_with_fds}), so that neither a
 * parent-death signal nor a look at QEMU's children finds it, and an {@code nc} whose input has ended waits for as long as its server
 * says nothing, which may be for ever. So QEMU holds a named pipe open for its whole life, and beside each {@code nc} somebody reads it:
 * the end of that pipe is QEMU's end, however it came about, and also where it came before the relay's first step.
 */
final class GuestCallRelay {
    /**
     * In its error stream libslirp sees bytes from the server too, so what {@code nc} says of a refused connection would reach the guest
     * as an answer. A job in the background gets {@code /dev/null} as its input unless told. The reader must not hold the connection.
     *
     * <p>QEMU may have ended, and its folder gone, before or between any two of these steps. To open a pipe for reading waits for a
     * writer, for ever where QEMU was the last: so the relay is one itself for that moment. To open it for both creates a plain file
     * where there is none: one that slips in between the look and the opening is removed, lest the folder could not be.
     */
    private static final String SCRIPT = "exec 2>/dev/null 3<&0"
            + "; [ -p \"$1\" ] && exec 4<>\"$1\" 5<\"$1\" 4>&- && [ -p \"$1\" ] || exec \"$0\" rm -f \"$1\""
            + "; \"$0\" nc \"$2\" \"$3\" <&3 3<&- 5<&- & nc=$!"
            + "; { read -r end <&5; kill $nc; } </dev/null >/dev/null 3<&- & reader=$!"
            + "; wait $nc; kill $reader";

    /** Open for reading and writing, for else opening it would wait for a reader. A kept folder has the pipe already. */
    private static final String HOLD_PIPE_OPEN =
            "{ [ -p \"$1\" ] || \"$0\" mkfifo -m 600 \"$1\"; } && exec 9<>\"$1\" && shift && exec \"$@\"";

    private GuestCallRelay() {}

    /** {@return the command as QEMU takes it: split like a shell's words but not run by one (libslirp, {@code g_shell_parse_argv})} */
    static String of(PortForward forward, Path busybox, Path pipe) {
        return String.join(
                " ",
                List.of(
                        ShellWords.quote(busybox.toString()),
                        "sh",
                        "-c",
                        ShellWords.quote(SCRIPT),
                        ShellWords.quote(busybox.toString()),
                        ShellWords.quote(pipe.toString()),
                        forward.hostAddress(),
                        Integer.toString(forward.hostPort())));
    }

    /** {@return the words before QEMU's command that make the pipe and let QEMU inherit it; to be run as QEMU's user} */
    static List<String> holdingThePipe(Path busybox, Path pipe) {
        return List.of(busybox.toString(), "sh", "-c", HOLD_PIPE_OPEN, busybox.toString(), pipe.toString());
    }
}
