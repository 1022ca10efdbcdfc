/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program and its arguments, each with the reason why it is there.
 *
 * @param program the program, absolute
 * @param words its arguments in order
 * @param sockets the sockets at which somebody must listen before the program starts
 * @param prelude another program with its arguments that becomes this one, which needs what it prepares; often nothing
 */
public record CommandLine(Path program, List<Argument> words, List<Path> sockets, List<String> prelude) {
    /** Copies the lists. */
    public CommandLine {
        words = List.copyOf(words);
        sockets = List.copyOf(sockets);
        prelude = List.copyOf(prelude);
    }

    /** {@return the arguments as the program receives them, without the program itself} */
    public List<String> arguments() {
        return words.stream().map(Argument::text).toList();
    }

    /** {@return the prelude, the program and its arguments, ready to be started} */
    public List<String> launch() {
        List<String> all = new ArrayList<>(prelude);
        all.addAll(command());
        return List.copyOf(all);
    }

    /** {@return the program and its arguments} */
    public List<String> command() {
        List<String> all = new ArrayList<>();
        all.add(program.toString());
        all.addAll(arguments());
        return List.copyOf(all);
    }

    /** {@return the command for people: one option a line, quoted as for a shell, followed by its reason} */
    public String explain() {
        StringBuilder text = new StringBuilder(ShellWords.quote(program.toString())).append('\n');
        for (List<Argument> option : options()) {
            text.append("  ").append(quoted(option)).append('\n');
            text.append("      ").append(option.get(0).reason()).append('\n');
        }
        return text.toString();
    }

    /** {@return a shell script that replays the command by hand} */
    public String runScript() {
        StringBuilder text = new StringBuilder("#!/bin/sh\n# Replays the QEMU command of this VM by hand.\n");
        if (!sockets.isEmpty()) {
            text.append("# QEMU connects to these sockets, so something must listen there first:\n");
            sockets.forEach(
                    socket -> text.append("#   ").append(oneLine(socket)).append('\n'));
        }
        text.append("exec ");
        prelude.forEach(word -> text.append(ShellWords.quote(word)).append(' '));
        text.append(ShellWords.quote(program.toString()));
        options().forEach(option -> text.append(" \\\n  ").append(quoted(option)));
        return text.append('\n').toString();
    }

    private static String oneLine(Path path) {
        return path.toString().replace('\n', '?');
    }

    private static String quoted(List<Argument> option) {
        return String.join(
                " ", option.stream().map(word -> ShellWords.quote(word.text())).toList());
    }

    /** Every word that begins with a dash starts an option, what follows are its values: only for the eye. */
    private List<List<Argument>> options() {
        List<List<Argument>> options = new ArrayList<>();
        for (Argument word : words) {
            if (options.isEmpty() || word.text().startsWith("-")) {
                options.add(new ArrayList<>());
            }
            options.get(options.size() - 1).add(word);
        }
        return options;
    }
}
