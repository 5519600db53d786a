"""What reconcile has found, for admins."""

import re
from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath
from litestar.status_codes import HTTP_200_OK

from application.ports.findings import KnownFinding
from application.repair_finding import (
    FindingNotFound,
    RepairFinding,
    RepairFindingCommand,
)
from application.view_findings import ViewFindings
from domain.findings import Fact
from entrypoints.http import samples
from entrypoints.http.admin_purchases import Reason
from entrypoints.http.auth import ADMIN_ONLY, Caller
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


class RepairRequest(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True
):
    """`plan` is the finding's as it was shown; `reason` is for other admins."""

    plan: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
    reason: Reason


RepairBody = Annotated[
    RepairRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"plan": "0" * 64, "reason": "seen in Stripe too"})],
    ),
]


class RepairShape(Shape):
    """`outcome`: repaired, unchanged, no_longer_so, failed (see `why`), for_a_human."""

    id: str
    outcome: str
    why: str | None


FINDING_ID: Final = re.compile("[0-9a-f]{20}")


def to_finding_id(text: str) -> str:
    """Read a finding's id.

    Raises:
        FindingNotFound: no finding can have it.
    """
    if FINDING_ID.fullmatch(text) is None:
        raise FindingNotFound
    return text


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

    @post(
        "/{finding_id:str}/repair",
        responses=refusals(
            samples.NOT_ADMIN,
            samples.NO_FINDING,
            samples.OTHER_PLAN,
            samples.NO_PROVIDER,
            *samples.REASONED,
        ),
        status_code=HTTP_200_OK,
        summary="Mend one finding exactly as it was shown",
    )
    async def repair(
        self,
        finding_id: FromPath[str],
        data: RepairBody,
        caller: NamedDependency[Caller],
        repair_finding: NamedDependency[RepairFinding],
    ) -> Success[RepairShape]:
        """Look once more first; 409 if the facts are others than the plan's."""
        command = RepairFindingCommand(
            finding_id=to_finding_id(finding_id),
            plan=data.plan,
            admin=caller.id,
            reason=data.reason,
        )
        done = await repair_finding(command)
        return Success(
            data=RepairShape(
                id=done.finding.id, outcome=done.outcome.value, why=done.why
            )
        )
