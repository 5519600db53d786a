"""Show an admin the payments of ours that no purchase can name."""

from dataclasses import dataclass

from application.ports.orphans import OrphanRepository
from application.ports.pages import Page
from domain.orphans import Orphan


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOrphans:
    orphans: OrphanRepository

    async def __call__(self, *, only_open: bool, page: int, size: int) -> Page[Orphan]:
        """Return one page, the one that was found first before the others.

        Args:
            only_open: leave out what has gone back, or has found its purchase.
            page: which one, counted from 1.
            size: how many it holds.

        Raises:
            StorageUnavailable: nothing is known.
        """
        return await self.orphans.page(only_open=only_open, page=page, size=size)
