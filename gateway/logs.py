"""How log lines look, those of the gateway and of the server that runs it: when, how grave, who and what."""

import importlib.util
import logging
import logging.config
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import orjson

LogFormat = Literal["text", "json"]
OURS = ("shanhai", "gateway", "connectors")
"""Loggers below which all lines of the product are written."""
SERVERS = ("_granian", "granian.access", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
_WITHOUT_TEXT: Mapping[type[BaseException], str] = {
    TimeoutError: "no answer in time",
    ConnectionError: "the connection broke",
    MemoryError: "no memory left",
}
_log = logging.getLogger("shanhai.application")


def reason_of(error: BaseException) -> str:
    """An exception in one phrase that is never empty: its class and its text, or what the class alone says."""
    said = " ".join(str(error).split())
    if not said:
        cause = error.__cause__ or error.__context__
        plain = next((text for kind, text in _WITHOUT_TEXT.items() if isinstance(error, kind)), None)
        said = plain or (f"after {reason_of(cause)}" if cause is not None else "it gives no reason")
    return f"{type(error).__name__}: {said}"


class LineFormatter(logging.Formatter):
    """`2026-03-01T08:00:00.123+08:00 WARNING gateway.cache: …`; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """ISO 8601 in the zone of the machine, to the millisecond."""
        return _moment(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, and `error` with a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


def logging_config(level: str, form: LogFormat) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes, and granian: every logger through one handler to the standard error.

    Libraries tell what goes wrong; ours and the server's tell from `level` on.
    """
    formatter = JsonFormatter if form == "json" else LineFormatter
    loggers: dict[str, dict[str, Any]] = {name: {"level": level} for name in OURS}
    loggers |= {name: {"handlers": [], "propagate": True} for name in SERVERS}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{formatter.__module__}.{formatter.__qualname__}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": loggers,
    }


def open_logs(level: str, form: LogFormat) -> None:
    """Let lines look so, unless whoever started the process has set up a handler for all loggers already.

    Also tells where the process is uvicorn's without a package that speaks WebSocket.
    """
    if not logging.getLogger().handlers:
        logging.config.dictConfig(logging_config(level, form))
    if lacks_websockets():
        _log.warning("WebSockets are refused: uvicorn needs the package websockets or wsproto for them")


def lacks_websockets() -> bool:
    """Whether uvicorn serves this process, as far as can be told, without a package that speaks WebSocket."""
    serves = "uvicorn.server" in sys.modules and "granian" not in sys.modules
    return serves and not any(importlib.util.find_spec(name) for name in ("websockets", "wsproto"))
