"""A small TCP proxy on loopback that is told to delay, to cut or to repeat what it carries."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time

CALM, DELAY, CUT, REPEAT = "calm", "delay", "cut", "repeat"
MOODS = (DELAY, CUT, REPEAT)
_CHUNK = 65536
_SILENCE_SECONDS = 30
# Not every connection suffers, or nobody would get through to be told anything.
_SUFFERS = 0.5
_LONGEST_DELAY_SECONDS = 1.0


class Wire:
    """Listens on a free port and carries each connection to another one, in whatever mood it is."""

    def __init__(self, seed: int) -> None:
        self.mood = CALM
        self.hurt = 0
        self.target = 0
        self._random = random.Random(seed)
        self._turn = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _draw(self) -> tuple[str, float]:
        """What this connection will suffer, and a number from 0 to 1 that says how much."""
        with self._turn:
            mood = self.mood if self._random.random() < _SUFFERS else CALM
            self.hurt += mood != CALM
            return mood, self._random.random()

    def _carry(self, near: socket.socket) -> None:
        mood, much = self._draw()
        if mood == CUT and much < 0.3:
            _hang_up(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            _hang_up(near)
            return
        if mood == DELAY:
            time.sleep(much * _LONGEST_DELAY_SECONDS)
        said: list[bytes] = []
        asking = threading.Thread(target=_pump, args=(near, far, said), daemon=True)
        asking.start()
        # What is cut after the question went through is the worst: something happened, and nobody was told.
        _pump(far, near, [], at_most=int(much * 300) if mood == CUT else None)
        for end in (near, far):
            _hang_up(end)
        if mood == REPEAT and said:
            self._say_again(b"".join(said))

    def _say_again(self, said: bytes) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.target), timeout=10) as far:
                far.sendall(said)
                far.shutdown(socket.SHUT_WR)
                while far.recv(_CHUNK):
                    pass
        except OSError:
            pass


def _pump(source: socket.socket, sink: socket.socket, heard: list[bytes], at_most: int | None = None) -> None:
    source.settimeout(_SILENCE_SECONDS)
    try:
        while data := source.recv(_CHUNK):
            heard.append(data)
            if at_most is not None:
                sink.sendall(data[:at_most])
                return
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _hang_up(end: socket.socket) -> None:
    """Without a farewell where something is still under way, as a torn cable does."""
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    end.close()
