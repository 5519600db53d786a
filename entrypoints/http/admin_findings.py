"""What reconcile has found, for admins."""

from datetime import datetime

from litestar import Controller, get
from litestar.di import NamedDependency

from application.ports.findings import KnownFinding
from application.view_findings import ViewFindings
from domain.findings import Fact
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


class FindingShape(Shape):
    """One difference; `plan` names its repair as it would be done now.

    `automatic`: reconcile mends it by itself.  `repair` is "none" where a human must.
    """

    id: str
    kind: str
    severity: str
    subject: str
    evidence: dict[str, Fact]
    repair: str
    automatic: bool
    next_step: str
    first_seen: datetime
    last_seen: datetime
    plan: str

    @classmethod
    def of(cls, known: KnownFinding) -> "FindingShape":
        finding = known.finding
        return cls(
            id=finding.id,
            kind=finding.kind.value,
            severity=finding.severity.name.lower(),
            subject=finding.subject,
            evidence=dict(finding.evidence),
            repair=finding.repair.value,
            automatic=finding.is_automatic,
            next_step=finding.next_step,
            first_seen=known.first_seen,
            last_seen=known.last_seen,
            plan=finding.plan,
        )


class AdminFindingController(Controller):
    path = "/api/admin/findings"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
        summary="List what is not as it should be, the worst first",
    )
    async def findings(
        self,
        view_findings: NamedDependency[ViewFindings],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[FindingShape]]:
        """As the last inspection left it; what is mended by itself is there too."""
        found = await view_findings(page=page, size=page_size)
        items = [FindingShape.of(known) for known in found.items]
        return page_of(found, items, page=page, size=page_size)
