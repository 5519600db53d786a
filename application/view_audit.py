"""Who of ours did what."""

from dataclasses import dataclass

from application.ports.audit import AuditLog, AuditPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAudit:
    audit: AuditLog

    async def __call__(self, *, subject: str | None, page: int, size: int) -> AuditPage:
        """Return what was done to a subject, or to anything, newest first.

        Raises:
            StorageUnavailable: ask again.
        """
        return await self.audit.page(subject=subject, page=page, size=size)
