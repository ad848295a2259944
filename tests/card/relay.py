"""Inside the daemon's namespace: bring the loopback up, then pass each Unix connection on to vpcd's port.

A program of its own, run by `daemon.py` with the plain interpreter.
"""

from __future__ import annotations

import fcntl
import select
import socket
import struct
import sys
import time
from pathlib import Path

PORT = 35963
_SIOCSIFFLAGS, _IFF_UP, _TCP_QUICKACK = 0x8914, 1, 12


def main(path: str) -> None:
    """Serve one card after the other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{path}.new")
    listening.listen(1)
    driver = connected()
    driver.close()
    Path(f"{path}.new").rename(path)
    while True:
        card, _address = listening.accept()
        driver = connected()
        pass_on(card, driver)


def connected() -> socket.socket:
    """A connection to the driver, as soon as it listens."""
    for _ in range(1000):
        try:
            driver = socket.create_connection(("127.0.0.1", PORT))
        except ConnectionRefusedError:
            time.sleep(0.01)
            continue
        driver.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return driver
    raise SystemExit("vpcd does not listen")


def pass_on(card: socket.socket, driver: socket.socket) -> None:
    """Carry bytes both ways until either side ends."""
    ends = {card: driver, driver: card}
    while True:
        ready, _writable, _failed = select.select(list(ends), [], [])
        for one in ready:
            driver.setsockopt(socket.IPPROTO_TCP, _TCP_QUICKACK, 1)
            try:
                data = one.recv(65536)
                if data:
                    ends[one].sendall(data)
            except OSError:
                data = b""
            if not data:
                card.close()
                driver.close()
                return


if __name__ == "__main__":
    main(sys.argv[1])
