/* SPDX-License-Identifier: Apache-2.0 */
/** What is made on the host before a VM starts and stays after it: disk images, persistent folders and files. */
@NullMarked
package dev.microvm.internal.storage;

import org.jspecify.annotations.NullMarked;
