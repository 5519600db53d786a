"""Show an admin what reconcile has found."""

from dataclasses import dataclass

from application.ports.findings import FindingRepository, KnownFinding
from application.ports.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFindings:
    """The findings as the last inspections left them; looking writes nothing."""

    findings: FindingRepository

    async def __call__(self, *, page: int, size: int) -> Page[KnownFinding]:
        """Return one page of those that are open, the worst first.

        Raises:
            StorageUnavailable: nothing is known.
        """
        return await self.findings.page(page=page, size=size)
