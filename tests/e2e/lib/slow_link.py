"""Carries packets between two network namespaces with a delay and losses, because this kernel need not have netem.

    slow_link.py CITY PATH DELAY_MS LOSS

Opens a tun device named `slow` in each of the two namespaces and prints "ready". Each packet arrives DELAY_MS later in
the other one, or never, with a probability of LOSS. Ends with its standard input.
"""

import collections
import ctypes
import fcntl
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEADER = 0x1001
CLONE_NEWNET = 0x40000000


def tun_in(namespace):
    """Enters a namespace and opens a tun device there. The device stays in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as entrance:
        if libc.setns(entrance.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"slow", IFF_TUN_WITHOUT_HEADER))
    return device


def main():
    city, path, delay_ms, loss = sys.argv[1:]
    delay, loss = float(delay_ms) / 1000, float(loss)
    devices = [tun_in(city), tun_in(path)]
    print("ready", flush=True)
    # The delay is the same for all, so what comes first leaves first.
    on_the_way = collections.deque()
    while True:
        timeout = max(0, on_the_way[0][0] - time.monotonic()) if on_the_way else None
        readable, _, _ = select.select([*devices, sys.stdin], [], [], timeout)
        if sys.stdin in readable and not os.read(sys.stdin.fileno(), 1):
            return
        for side, device in enumerate(devices):
            while device in readable:
                try:
                    packet = os.read(device, 65536)
                except BlockingIOError:
                    break
                if random.random() >= loss:
                    on_the_way.append((time.monotonic() + delay, devices[1 - side], packet))
        while on_the_way and on_the_way[0][0] <= time.monotonic():
            _, device, packet = on_the_way.popleft()
            try:
                os.write(device, packet)
            except OSError:
                pass  # Its queue is full, or the device is down: the packet is lost.


main()
