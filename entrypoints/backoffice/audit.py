"""Who of ours did what, to what and why."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template

from entrypoints.backoffice.desk import Desk

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


class AuditPages(Controller):
    path = "/audit"

    @get()
    async def overview(
        self,
        desk: NamedDependency[Desk],
        subject: FromQuery[str] = "",
        page: PageNumber = 1,
    ) -> Template:
        found = await desk.api.audit(subject.strip(), page)
        return desk.sees("audit.html", area="audit", found=found, subject=subject)
