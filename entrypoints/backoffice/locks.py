"""Who holds which lock now, and how waiting went."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from entrypoints.backoffice.desk import Desk


class LockPages(Controller):
    path = "/locks"

    @get()
    async def live(self, desk: NamedDependency[Desk]) -> Template:
        return desk.sees("locks.html", area="locks", locks=await desk.api.locks())
