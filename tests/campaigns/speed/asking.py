"""A client that costs next to nothing: one connection that is kept open, one question after another."""

from __future__ import annotations

import re
import socket
import time

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class Client:
    def __init__(self, port: int) -> None:
        self._port = port
        self._connect()

    def _connect(self) -> None:
        self._open = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._open.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, cookie: str = "") -> bytes:
        """The body; anything but a 200 is a mistake of the measurement."""
        told = f"Cookie: {cookie}\r\n" if cookie else ""
        self._open.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{told}\r\n".encode())
        heard = b""
        while b"\r\n\r\n" not in heard:
            part = self._open.recv(262144)
            if not part:
                raise ConnectionError("The server hung up.")
            heard += part
        head, _end, body = heard.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), (path, head[:200])
        length = int(_LENGTH.search(head)[1])
        while len(body) < length:
            body += self._open.recv(262144)
        if b"onnection: close" in head:
            self._open.close()
            self._connect()
        return body

    def rate(self, path: str, seconds: float, cookie: str = "") -> float:
        """How often a second."""
        begun, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < seconds:
            self.get(path, cookie)
            count += 1
        return count / passed

    def close(self) -> None:
        self._open.close()
