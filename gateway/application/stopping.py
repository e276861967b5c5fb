"""The signals that end the process: open streams hear them first, the server when these have ended."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_SECONDS = 5.0
"""How long the server is kept waiting for streams to end."""
_LOOK_SECONDS = 0.25
"""Between two looks at whether the loop took the signals back, as uvloop does whenever it is run anew."""


@contextmanager
def heeding(
    stopping: asyncio.Event, ended: Callable[[], Awaitable[object]], grace: float = GRACE_SECONDS
) -> Iterator[None]:
    """Set the event when a signal to end comes, and let the server hear of it once `ended` returns or grace is over.

    Servers differ in what they do to open streams: uvicorn and granian wait for event streams as long as these last,
    granian cuts WebSockets off at once. The signal that comes after a first one is passed on at once. The event is set
    at the end of the block in any case.
    """
    try:
        if threading.current_thread() is threading.main_thread() and sys.platform != "win32":
            with _Interception(stopping, ended, grace):
                yield
        else:  # signals cannot be handled here
            yield
    finally:
        stopping.set()


class _Interception:
    """Stands between the process and its loop.

    A signal reaches a loop as a byte in its pipe, and a handler that was set without a loop as a call. Both are
    withheld: the pipe is one of ours, and what is passed on is written into that of the loop.
    """

    def __init__(self, stopping: asyncio.Event, ended: Callable[[], Awaitable[object]], grace: float) -> None:
        self._stopping, self._ended, self._grace = stopping, ended, grace
        self._loop = asyncio.get_running_loop()
        self._handlers = {number: signal.getsignal(number) for number in SIGNALS}
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._loops_pipe = -1
        self._tasks: list[asyncio.Task[None]] = []

    def __enter__(self) -> None:
        self._loop.add_reader(self._read, self._woken)
        for number, handler in self._handlers.items():
            if handler is not None:  # one that was not set from Python could not be called
                signal.signal(number, _withheld)
        self._tasks.append(self._loop.create_task(self._stay_between()))

    def __exit__(self, *_failure: object) -> None:
        for task in self._tasks:
            task.cancel()
        if (current := _wake(-1)) == self._write:
            current = self._loops_pipe
        with suppress(OSError, ValueError):  # the loop that had it is closed
            _wake(current)
        for number, handler in self._handlers.items():
            now: object = signal.getsignal(number)
            if now is _withheld:
                signal.signal(number, handler)
        self._loop.remove_reader(self._read)
        os.close(self._read)
        os.close(self._write)

    async def _stay_between(self) -> None:
        while True:
            if (before := _wake(self._write)) != self._write:
                self._loops_pipe = before
            await asyncio.sleep(_LOOK_SECONDS)

    def _woken(self) -> None:
        for number in os.read(self._read, 4_096):
            if number not in self._handlers:
                self._tell_loop(number)
            elif self._stopping.is_set():
                self._pass_on(number)
            else:
                self._stopping.set()
                self._tasks.append(self._loop.create_task(self._pass_on_later(number)))

    async def _pass_on_later(self, number: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await self._ended()
        self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        handler = self._handlers[signal.Signals(number)]
        if handler is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        elif callable(handler):
            handler(number, None)
        self._tell_loop(number)

    def _tell_loop(self, number: int) -> None:
        with suppress(OSError):  # it has no pipe, or is closed
            os.write(self._loops_pipe, bytes([number]))


def _withheld(_number: int, _frame: FrameType | None) -> None:
    """The byte in our pipe says it too."""


def _wake(pipe: int) -> int:
    """Have signals written into a pipe; gives the one they were written into before."""
    return signal.set_wakeup_fd(pipe, warn_on_full_buffer=False)
