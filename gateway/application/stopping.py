"""The signals that end the process, heard by open streams before the server begins to wait for them."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def heeding(stopping: asyncio.Event) -> Iterator[None]:
    """Set the event when a signal to end comes, and at the end of the block.

    Servers wait for open requests first and shut the lifespan down afterwards, so that a stream that waited for the
    shutdown would hold it up for good. What handled the signal before goes on to handle it.
    """
    if threading.current_thread() is not threading.main_thread():  # only there may signals be handled
        yield
        stopping.set()
        return
    loop = asyncio.get_running_loop()
    handlers = [_Handler(number, loop, stopping) for number in SIGNALS]
    try:
        yield
    finally:
        for handler in handlers:
            handler.restore()
        stopping.set()


class _Handler:
    """Stands before the handler of one signal."""

    def __init__(self, number: signal.Signals, loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
        self._number, self._loop, self._stopping = number, loop, stopping
        self._before = signal.getsignal(number)
        if self._before is not None:  # one that was not set from Python could not be called
            signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(self._stopping.set)
        if callable(self._before):
            self._before(number, frame)
        elif self._before is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def restore(self) -> None:
        """Step aside, unless another handler has taken our place."""
        current: object = signal.getsignal(self._number)
        if current is self:
            signal.signal(self._number, self._before)
