"""What a script is: a world made ready, and one use case that will be struck in it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from entrypoints.use_cases import UseCases
from tests.application.world import World

Act = Callable[[UseCases], Awaitable[object]]
Begin = Callable[[World], Awaitable[Act]]
Then = Callable[[World], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`points` are the moments of the use case when nothing goes wrong.

    `then` is what happens outside after the fault, before reconcile comes.  `ends` are
    all the ways in which it may end, whatever was struck.
    """

    name: str
    use_case: str
    begin: Begin
    points: int
    ends: frozenset[str]
    then: Then | None = None


SCRIPTS: Final[dict[str, Script]] = {}


def script(
    use_case: str, *ends: str, points: int, then: Then | None = None
) -> Callable[[Begin], Begin]:
    """Keep a script under its name."""

    def keep(begin: Begin) -> Begin:
        name = getattr(begin, "__name__", "").replace("_", " ")
        if then is not None:
            name += f", {getattr(then, '__name__', '').replace('_', ' ')}"
        SCRIPTS[name] = Script(
            name=name,
            use_case=use_case,
            begin=begin,
            points=points,
            ends=frozenset(ends),
            then=then,
        )
        return begin

    return keep
