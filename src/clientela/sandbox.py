"""One function in a child process with limits on memory, processor and time, for work that a hostile file may wreck.

The child gets its arguments as JSON and gives its result back as JSON; nothing it says is ever executed. It is a
fresh interpreter (no fork of the parent's memory, none of its environment), so what it breaks is only itself.
"""

from __future__ import annotations

import errno
import importlib
import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

from clientela.errors import ClientelaError, SandboxError

RESULT_BYTES = 4 << 20  # a longer answer is none: a big one is a file that the function writes


def run_limited(
    function: str,
    arguments: Mapping[str, object],
    *,
    memory_bytes: int,
    cpu_seconds: float,
    wall_seconds: float,
    file_bytes: int = 16 << 30,
) -> Any:
    """What the function returns when it is called with these arguments in a child process.

    Parameters
    ----------
    function
        Where it stands, as ``package.module:name``; what it returns must be JSON.
    arguments
        By name; they must be JSON.
    memory_bytes, cpu_seconds, wall_seconds
        More address space, processor time or time on the clock than this ends it.
    file_bytes
        No file it writes may be larger.

    Raises
    ------
    SandboxError
        It passed a limit, died, or raised an error; ``reason`` says which.

    Examples
    --------
    >>> run_limited("math:factorial", {"x": 5}, memory_bytes=1 << 30, cpu_seconds=5, wall_seconds=20)
    Traceback (most recent call last):
    ...
    clientela.errors.SandboxError: the work in a separate process failed: TypeError
    >>> run_limited("textwrap:shorten", {"text": "an order", "width": 5, "placeholder": ""},
    ...     memory_bytes=1 << 30, cpu_seconds=5, wall_seconds=20)
    'an'
    """
    call = {
        "function": function,
        "arguments": dict(arguments),
        "limits": {
            "RLIMIT_AS": memory_bytes,
            "RLIMIT_CPU": math.ceil(cpu_seconds),
            "RLIMIT_FSIZE": file_bytes,
            "RLIMIT_CORE": 0,
        },
    }
    with tempfile.TemporaryFile() as said:
        code = _ended(json.dumps(call).encode(), said, wall_seconds)
        if said.seek(0, os.SEEK_END) > RESULT_BYTES:
            raise SandboxError("broken", "its answer is too long")
        said.seek(0)
        return _result(said.read(), code, memory_bytes)


def main() -> None:
    """The child: takes its limits first, then imports and calls the function."""
    answer = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what the function prints is no answer
    call = json.loads(sys.stdin.buffer.read())
    for name, value in call["limits"].items():
        limit = getattr(resource, name)
        most = resource.getrlimit(limit)[1]
        wanted = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (wanted, wanted))
    answer.write(json.dumps(_called(call["function"], call["arguments"])).encode())
    answer.flush()


def _called(function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The function's result, or what went wrong, as JSON."""
    module, _, name = function.partition(":")
    try:
        result = getattr(importlib.import_module(module), name)(**arguments)
        json.dumps(result)
    except MemoryError:
        return {"reason": "memory"}
    except ClientelaError as error:
        return {"reason": "refused", "said": str(error)}
    except OSError as error:
        return {"reason": "size" if error.errno == errno.EFBIG else "failed", "said": error.strerror}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        return {"reason": "failed", "said": type(error).__name__}
    return {"result": result}


def _ended(call: bytes, said: IO[bytes], wall_seconds: float) -> int | None:
    """How the child ended; None when its time was up and it was killed."""
    known = os.pathsep.join(path for path in sys.path if path)
    child = subprocess.Popen(
        [sys.executable, "-m", "clientela.sandbox"],
        stdin=subprocess.PIPE,
        stdout=said,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": known, "PYTHONUTF8": "1"},
        start_new_session=True,
    )
    try:
        with suppress(subprocess.TimeoutExpired):
            child.communicate(call, timeout=wall_seconds)
            return child.returncode
        return None
    finally:
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _result(said: bytes, code: int | None, memory_bytes: int) -> Any:
    memory = f"it needs more than {memory_bytes / (1 << 20):,.0f} MB of memory"
    if code is None:
        raise SandboxError("time", "it took too long")
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise SandboxError("time", "it used too much processor time")
    if code == -signal.SIGABRT:  # how a native library ends that gets no memory
        raise SandboxError("memory", memory)
    try:
        answer = json.loads(said)
    except ValueError:
        raise SandboxError("broken", f"it ended with code {code} and gave no answer") from None
    if "result" in answer:
        return answer["result"]
    reason, words = str(answer.get("reason")), str(answer.get("said"))
    raise SandboxError(reason, memory if reason == "memory" else words)


if __name__ == "__main__":
    main()
