"""A server as it runs, on a port of this machine, and sockets that speak to it as they please."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from clientela.serve.running import server_settings
from tests.web.door.conftest import House

START_SECONDS = 60.0


@dataclass(slots=True)
class Live:
    """Where it listens."""

    port: int
    server: uvicorn.Server

    def connect(self, *, timeout: float = 60.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def ask(self, said: bytes) -> bytes:
        """What is answered to bytes as they are."""
        with self.connect() as line:
            line.sendall(said)
            return read_all(line)

    def get(self, path: str, *headers: str) -> bytes:
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close", *headers, "", ""]
        return self.ask("\r\n".join(lines).encode())


def read_all(line: socket.socket) -> bytes:
    found = b""
    try:
        while piece := line.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


@contextmanager
def live(house: House) -> Iterator[Live]:
    """The house of a test, served."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(server_settings(house.app, house.settings))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > until or not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        yield Live(listening.getsockname()[1], server)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
