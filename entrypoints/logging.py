"""Logs for people or for machines, and never a secret or a person in them."""

import logging
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED: Final = "[redacted]"

# Whatever looks like one of these is cut out of every line, tracebacks included.
_SECRETS: Final = re.compile(
    r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*"  # tokens
    r"|\b(?:sk|rk)_(?:test|live)_\w+|\bwhsec_\w+"  # Stripe's keys
    r"|\bv[01]=[0-9a-fA-F]{16,}"  # signatures
    r"|(?i:\b(?:bearer|basic) +)[^\s\"',;]+"
    r"|://[^\s/@]+:[^\s/@]+@"  # passwords in addresses
    r"|[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail
)
# Where none of these stands, case folded, the expression above finds nothing; to look
# for them costs a tenth of it.
_MARKS: Final = ("eyj", "sk_", "rk_", "whsec_", "v0=", "v1=", "bear", "bas", "://", "@")
_PLAIN: Final = frozenset({bool, float, int, type(None)})
_TOLD_BY_NAME: Final = re.compile(
    r"(?i)authorization|password|secret|token|signature|cookie|body|email|payload"
)


# These put requests into their own lines, at some levels with the bodies.
_TALKATIVE: Final = (
    "aiohttp",
    "apscheduler",
    "asyncio",
    "httpcore",
    "httpx",
    "pymongo",
    "stripe",
)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut out what nobody who reads a log should learn."""
    if _is_harmless(event):
        return event
    return {name: _clean(name, value) for name, value in event.items()}


def _is_harmless(event: EventDict) -> bool:
    """Look over a whole line at once, as nearly all have nothing to cut out."""
    if any(map(_is_told_by, event)):
        return False
    texts = []
    for value in event.values():
        if type(value) is str:
            texts.append(value)
        elif type(value) not in _PLAIN:
            return False
    return not _has_a_mark("\n".join(texts))


def _clean(name: str, value: Any) -> Any:
    if name.startswith("_"):
        return value  # structlog's own, never printed
    if _is_told_by(name):
        return REDACTED
    if type(value) is str:  # nearly always, and to ask for a Mapping is dear
        return _without_secrets(value)
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(name, each) for each in value]
    is_plain = value is None or isinstance(value, bool | int | float)
    return value if is_plain else _without_secrets(str(value))


@lru_cache(maxsize=1024)  # nearly all names stand in the code
def _is_told_by(name: str) -> bool:
    return _TOLD_BY_NAME.search(name) is not None


def _without_secrets(text: str) -> str:
    return _SECRETS.sub(REDACTED, text) if _has_a_mark(text) else text


def _has_a_mark(text: str) -> bool:
    folded = text.casefold()
    return any(mark in folded for mark in _MARKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Writes our own lines, by a shorter way than `logging` has (docs/adr/0033).

    As there, a line that cannot be written fails nobody; that much is said.
    """

    name: str
    stream: TextIO
    render: Processor

    def msg(self, **event: Any) -> None:
        try:
            line = self.render(None, "", redact(None, "", event))
            self.stream.write(f"{line!s}\n")
            self.stream.flush()
        except Exception as error:  # noqa: BLE001  # such as a full disk
            with suppress(Exception):
                sys.stderr.write(f"a line was lost: {type(error).__name__}\n")

    debug = info = warning = error = critical = msg


def configure_logging(
    *,
    level: str = "INFO",
    log_format: str = "console",
    stream: TextIO | None = None,
    is_final: bool = False,
) -> None:
    """Send every line of this process, our own and the libraries', one way.

    Args:
        level: the least that is written.
        log_format: `console` for people, `json` for machines.
        stream: where to, if not to standard error.
        is_final: nobody configures it again, so that loggers are made once.
    """
    target = stream or sys.stderr
    render = _renderer(log_format, is_terminal=target.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=shared,
        logger_factory=lambda *names: Lines(
            name="".join(names[:1]), stream=target, render=render
        ),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=is_final,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                render,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(log_format: str, *, is_terminal: bool) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(default=str)
    return structlog.dev.ConsoleRenderer(colors=is_terminal)
