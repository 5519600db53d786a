"""What nobody has thought about is not rehearsed, rather than rehearsed wrongly."""

from collections.abc import Callable
from inspect import getmembers, iscoroutinefunction
from typing import Any, NoReturn, TypeVar

Class = TypeVar("Class", bound=type)


class NotRehearsed(NotImplementedError):
    """A call that would decide about rows which were never fetched."""


def closed(rehearsed: Class) -> Class:
    """Refuse each call that a class inherits and does not make its own."""
    for name, _call in getmembers(rehearsed, iscoroutinefunction):
        if name not in vars(rehearsed):
            setattr(rehearsed, name, _refusing(name))
    return rehearsed


def _refusing(name: str) -> Callable[..., Any]:
    async def refuse(*_args: object, **_more: object) -> NoReturn:
        raise NotRehearsed(name)

    return refuse
