/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** What happens to a virtiofsd that makes a system call it should not ({@code --seccomp}). */
public enum SeccompAction {
    /** It is killed; the default. */
    KILL,
    /** It gets SIGSYS, which a debugger can stop at. */
    TRAP,
    /** The kernel writes it to its log and lets it pass: to find out which call was refused. */
    LOG,
    /** There is no filter. */
    NONE
}
