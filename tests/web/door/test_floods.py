"""G6: floods of bytes, fields, headers and sockets are refused, and others are answered meanwhile."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator

import pytest

from clientela.http import bodies
from clientela.serve import patience
from tests.web.door.conftest import House, form_token
from tests.web.door.live import Live, live, read_all, status


@pytest.fixture
def running(house: House) -> Iterator[Live]:
    with live(house) as served:
        yield served


def post(path: str, port: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(running: Live) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    answer = running.ask(post("/enter", running.port, form, "Content-Length: 1000000000"))
    assert status(answer) == 413
    assert b"content-security-policy" in answer


def test_a_body_that_does_not_say_how_large_it_is_is_cut_off(running: Live) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    with running.connect() as line:
        line.sendall(post("/enter", running.port, form, "Transfer-Encoding: chunked"))
        piece = b"%x\r\n" % 65536 + b"a" * 65536 + b"\r\n"
        sent = 0
        try:
            for _ in range(16_000):  # a gigabyte
                line.sendall(piece)
                sent += 65536
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 40_000_000


def test_ten_thousand_fields_are_no_form(house: House) -> None:
    browser = house.browser()
    token = form_token(browser.get("/enter").text)
    fields = {"form_token": token, **{f"f{number}": "x" for number in range(10_000)}}
    assert browser.client.post("/enter", data=fields).status_code == 413
    parts = {f"f{number}": ("", b"x") for number in range(600)}
    assert browser.client.post("/enter", data={"form_token": token}, files=parts).status_code == 413


def test_a_form_without_an_end_is_refused(house: House) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    cut = b'--x\r\nContent-Disposition: form-data; name="a'
    answered = house.browser().client.post("/enter", content=cut, headers=kind)
    assert answered.status_code in (403, 413)


def test_four_thousand_parameters_are_answered_as_usual(house: House) -> None:
    query = "&".join(f"f{number}=x" for number in range(4_000))
    assert house.browser().get(f"/enter?{query}").status_code == 200


@pytest.mark.parametrize("size", [40_000, 400_000])
def test_headers_that_are_too_large_are_refused(running: Live, size: int) -> None:
    answer = running.get("/enter", "X-Large: " + "a" * size)
    assert status(answer) in (431, 0)  # 0: the rest of what was sent met a closed line
    if answer:
        assert b"x-content-type-options: nosniff" in answer


def test_what_is_no_request_is_refused(running: Live) -> None:
    for said in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET /\r\n\r\n", b"G" * 100 + b"\r\n\r\n"):
        assert status(running.ask(said)) == 400


def test_two_lengths_are_no_length(running: Live) -> None:
    """What two servers in a row could take for two different requests."""
    twice = post("/enter", running.port, "Content-Length: 5", "Content-Length: 6", body=b"abcdef")
    both = post("/enter", running.port, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")
    assert status(running.ask(twice)) == 400
    assert status(running.ask(both)) in (400, 403, 413)


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    with live(house) as running, running.connect() as line:
        answer = b""
        line.settimeout(0.1)
        for sign in b"GET /enter HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"a" * 200:
            try:
                line.sendall(bytes([sign]))
                answer = line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if answer:
                break
        else:
            pytest.fail("it was waited for to the end")
        assert status(answer) in (408, 0)


def test_a_body_that_comes_byte_by_byte_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 0.3)
    form = "Content-Type: application/x-www-form-urlencoded"
    with live(house) as running, running.connect() as line:
        line.sendall(post("/enter", running.port, form, "Content-Length: 1000", body=b"name="))
        assert status(read_all(line)) == 408
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 5.0)
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.5)
    with live(house) as running, running.connect() as line:
        line.sendall(post("/enter", running.port, form, "Content-Length: 1000", body=b"name="))
        for _ in range(400):  # of a thousand bytes
            time.sleep(0.05)
            try:
                line.sendall(b"a")
            except OSError:
                break
        else:
            pytest.fail("it was waited for to the end")
        assert status(read_all(line)) in (408, 0)


def idle(running: Live, count: int, *, times: int = 1) -> tuple[float, float, int]:
    """Half-open sockets held; how long others then wait (before, with them), and how much more memory is used."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * count + 1000, most), most))
    alone = worst(running, times)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held: list[socket.socket] = []
    try:
        for _ in range(count):
            line = running.connect()
            line.sendall(b"GET /enter HTTP/1.1\r\nX-Slow: ")
            held.append(line)
        return alone, worst(running, times), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    finally:
        for line in held:
            line.close()


def worst(running: Live, times: int) -> float:
    """The second worst of thirty requests, the least of so many times thirty."""
    return min(sorted(took(running) for _ in range(30))[-2] for _ in range(times))


def took(running: Live) -> float:
    """Seconds that a request takes."""
    began = time.perf_counter()
    assert status(running.get("/health/live")) == 200
    return time.perf_counter() - began


def test_idle_sockets_keep_nobody_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "MOST_CONNECTIONS", 50)
    with live(house) as running:
        _, _, more_kib = idle(running, 120)
        assert len(running.server.server_state.connections) <= 51
        assert more_kib < 50 * 1024


@pytest.mark.slow
def test_two_thousand_idle_sockets_keep_nobody_out(house: House) -> None:
    with live(house) as running:
        alone, beside, more_kib = idle(running, 2_000, times=5)  # in one of them the machine is left alone
        assert more_kib < 50 * 1024
        assert beside < max(2 * alone, 0.05)
