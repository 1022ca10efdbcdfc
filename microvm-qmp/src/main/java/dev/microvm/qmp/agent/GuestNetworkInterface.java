/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network interface of a guest ({@code guest-network-get-interfaces}).
 *
 * @param name its name, such as {@code eth0}
 * @param hardwareAddress its hardware address, or null if it has none
 * @param addresses its IP addresses; unmodifiable
 */
public record GuestNetworkInterface(String name, @Nullable String hardwareAddress, List<Address> addresses) {
    /**
     * Copies the addresses.
     *
     * @param name taken as it is
     * @param hardwareAddress taken as it is
     * @param addresses copied
     */
    public GuestNetworkInterface {
        addresses = List.copyOf(addresses);
    }

    /**
     * An IP address.
     *
     * @param type {@code ipv4} or {@code ipv6}
     * @param address the address, such as {@code 192.0.2.1}
     * @param prefix how many of its bits name the network
     */
    public record Address(String type, String address, long prefix) {}

    static List<GuestNetworkInterface> readAll(JsonValue value) {
        return QmpReader.of(value).list(each -> {
            QmpReader addresses = each.memberOrNull("ip-addresses");
            return new GuestNetworkInterface(
                    each.string("name"),
                    each.stringOrNull("hardware-address"),
                    addresses == null
                            ? List.of()
                            : addresses.list(ip -> new Address(
                                    ip.string("ip-address-type"), ip.string("ip-address"), ip.integer("prefix"))));
        });
    }
}
