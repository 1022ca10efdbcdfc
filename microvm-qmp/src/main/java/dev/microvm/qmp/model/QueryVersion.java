/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpReader;

/** The command {@code query-version}: the version of QEMU. */
public record QueryVersion() implements QmpCommand<VersionInfo> {
    /** The name on the wire. */
    public static final String NAME = "query-version";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static QueryVersion of() {
        return new QueryVersion();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public VersionInfo read(QmpReader result) {
        return VersionInfo.read(result);
    }
}
