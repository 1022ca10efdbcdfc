# SPDX-License-Identifier: Apache-2.0
"""Executes query-status with qemu.qmp in blocks, as the lines of standard input say; prints nanoseconds. For PythonPeer."""

import asyncio
import importlib.metadata
import platform
import sys
import time

from qemu.qmp import QMPClient


async def block(client, operations):
    times = []
    for _ in range(operations):
        begin = time.perf_counter_ns()
        status = await client.execute("query-status")
        times.append(time.perf_counter_ns() - begin)
        assert status["running"] is False
    return times


async def main():
    client = QMPClient("benchmark")
    print("qemu.qmp", importlib.metadata.version("qemu.qmp"), "on Python", platform.python_version(), flush=True)
    # Waiting for the next order stops the event loop, which has nothing to do then.
    for line in sys.stdin:
        order, _, argument = line.strip().partition(" ")
        if order == "connect":
            client = QMPClient("benchmark")
            await client.connect(argument)
            print(order, flush=True)
        elif order == "run":
            print(*await block(client, int(argument)), flush=True)
        elif order == "previous":
            print(len(await client.execute("x-previous")), flush=True)
        elif order == "disconnect":
            await client.disconnect()
            print(order, flush=True)


asyncio.run(main())
