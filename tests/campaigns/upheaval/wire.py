"""A small TCP proxy on loopback that is told to delay, to cut or to repeat what it carries.

What speaks HTTP is hurt by the connection. PostgreSQL's and Valkey's connections live long and carry one thing after another, so
these are hurt by the piece, and never repeated: both would take a repeated piece for another wish, as any server would.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time

CALM, DELAY, CUT, REPEAT = "calm", "delay", "cut", "repeat"
MOODS, MOODS_OF_A_STREAM = (DELAY, CUT, REPEAT), (DELAY, CUT)
_CHUNK = 65536
_SILENCE_SECONDS = 30
# Not every connection suffers, or nobody would get through to be told anything.
_SUFFERS = 0.5
_LONGEST_DELAY_SECONDS = 1.0
# Of pieces of a stream fewer suffer, since a page needs a dozen of them.
_PIECES_SUFFER = {DELAY: 0.2, CUT: 0.05}
_LONGEST_DELAY_OF_A_PIECE = 0.3


class Wire:
    """Listens on a free port and carries each connection to another one, in whatever mood it is.

    `target` is a port of this machine or the path of a socket.
    """

    moods = MOODS

    def __init__(self, seed: int) -> None:
        self.mood = CALM
        self.hurt = 0
        self.target: int | str = 0
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
            far = self._reach(5)
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

    def _reach(self, seconds: float) -> socket.socket:
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target), timeout=seconds)
        far = socket.socket(socket.AF_UNIX)
        far.settimeout(seconds)
        try:
            far.connect(self.target)
        except OSError:
            far.close()
            raise
        return far

    def _say_again(self, said: bytes) -> None:
        try:
            with self._reach(10) as far:
                far.sendall(said)
                far.shutdown(socket.SHUT_WR)
                while far.recv(_CHUNK):
                    pass
        except OSError:
            pass


class Stream(Wire):
    """A wire whose connections live long: each piece that passes, in either direction, may be delayed or torn in the middle."""

    moods = MOODS_OF_A_STREAM

    def _carry(self, near: socket.socket) -> None:
        try:
            far = self._reach(5)
        except OSError:
            _hang_up(near)
            return
        asking = threading.Thread(target=self._pass_on, args=(near, far), daemon=True)
        asking.start()
        self._pass_on(far, near)
        asking.join()
        for end in (near, far):
            _hang_up(end)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            # A connection that waits for somebody to buy something is silent for long.
            source.settimeout(None)
            while data := source.recv(_CHUNK):
                mood, much = self._draw_piece()
                if mood == DELAY:
                    time.sleep(much * _LONGEST_DELAY_OF_A_PIECE)
                elif mood == CUT:
                    sink.sendall(data[: int(much * len(data))])
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _draw_piece(self) -> tuple[str, float]:
        if self.mood == CALM:
            return CALM, 0
        with self._turn:
            mood = self.mood if self._random.random() < _PIECES_SUFFER[self.mood] else CALM
            self.hurt += mood != CALM
            return mood, self._random.random()


def _pump(source: socket.socket, sink: socket.socket, heard: list[bytes], at_most: int | None = None) -> None:
    try:
        source.settimeout(_SILENCE_SECONDS)
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
