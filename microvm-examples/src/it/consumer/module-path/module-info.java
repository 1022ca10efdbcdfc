/* SPDX-License-Identifier: Apache-2.0 */
/** Added to the project where it is built and run on the module path. It does not name dev.microvm.virtiofs. */
module org.example.consumer {
    requires dev.microvm.core;
    requires dev.microvm.nix;
}
