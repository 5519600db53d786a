"""Where differences are looked for: one source of findings each."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from application.batches import in_batches
from domain.differences import Patience
from domain.findings import Finding, FindingKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one inspection covers.

    `since` bounds what is listed from the provider; our own rows are looked at however
    old they are.
    """

    patience: Patience
    since: datetime


class Inspection(Protocol):
    """Looks at one part of the world, reads only, and yields what is not as it should.

    A difference that another one yields as well is one finding.
    """

    @property
    def name(self) -> str:
        """Name what is looked at, for people."""
        ...

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        """Return the kinds of findings that it can yield."""
        ...

    def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Yield the differences, in bounded batches.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: the rest was not seen.
        """
        ...

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the subject of one finding, and return it as it is now, if it is.

        Raises:
            PaymentGatewayUnavailable: it is not known.
            StorageUnavailable: likewise.
        """
        ...


async def compared(
    listed: AsyncGenerator[T, None],
    compare: Callable[[list[T]], Awaitable[Iterable[Finding]]],
) -> AsyncGenerator[Finding, None]:
    """Yield what comparing the provider's list with our rows finds, batch by batch."""
    async with aclosing(in_batches(listed)) as batches:
        async for batch in batches:
            for finding in await compare(batch):
                yield finding


def the_same(finding: Finding, found: Iterable[Finding]) -> Finding | None:
    """Return the finding as it was found again."""
    return next((each for each in found if each.id == finding.id), None)
