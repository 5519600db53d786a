"""Who of ours did what, for other admins."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.ports.audit import AuditEntry, Fact
from application.view_audit import ViewAudit
from entrypoints.http import samples
from entrypoints.http.auth import ADMIN_ONLY
from entrypoints.http.openapi import refusals
from entrypoints.http.shapes import (
    PAGE_SIZE,
    Page,
    PageNumber,
    PageSize,
    Shape,
    Success,
    page_of,
)

SUBJECT_MAX: Final = 200

Subject = Annotated[
    str | None,
    QueryParameter(
        name="subject", max_length=SUBJECT_MAX, description="Such as program/choir."
    ),
]


class AuditEntryShape(Shape):
    """`before` and `after` hold the fields that change; `subject` is a kind and an id.

    It was noted before it was done: what was refused stands here as well.
    """

    at: datetime
    by: str
    what: str
    subject: str
    why: str
    before: dict[str, Fact]
    after: dict[str, Fact]

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryShape":
        return cls(
            at=entry.at,
            by=entry.by,
            what=entry.what,
            subject=entry.subject,
            why=entry.why,
            before=dict(entry.before),
            after=dict(entry.after),
        )


class AuditController(Controller):
    path = "/api/admin/audit"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
        summary="List what admins and operators did, newest first",
    )
    async def page(
        self,
        view_audit: NamedDependency[ViewAudit],
        subject: Subject = None,
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[AuditEntryShape]]:
        found = await view_audit(subject=subject, page=page, size=page_size)
        items = [AuditEntryShape.of(entry) for entry in found.items]
        return page_of(found, items, page=page, size=page_size)
