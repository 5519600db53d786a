"""How everything stands: the page that an admin opens first."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from entrypoints.backoffice.desk import Desk
from entrypoints.backoffice.plot import plots_of, spot_parts
from entrypoints.backoffice.purchases import STATUSES
from entrypoints.storefront.people import now

DAYS: Final = 30
# Where the worst is looked after; all else is a finding.
TROUBLES: Final[Mapping[str, str]] = {
    "crowded_locks": "/admin/locks",
    "dead_mail": "/admin/mails",
    "late_mail": "/admin/mails?state=waiting",
    "money_without_outcome": "/admin/purchases?money=open",
    "webhooks_late": "/admin/events",
    "webhooks_silent": "/admin/events",
}
SEVERITIES: Final = ("critical", "warning", "notice")


class TodayPages(Controller):
    @get()
    async def today(self, desk: NamedDependency[Desk]) -> Template:
        stats = await desk.api.stats(DAYS)
        counted = stats.purchases_by_status
        return desk.sees(
            "today.html",
            area="today",
            days=DAYS,
            plots=plots_of(stats.money_by_day, until=_today(), days=DAYS),
            look_at=TROUBLES.get(stats.verdict.worst or "", "/admin/findings"),
            programs=[(program, spot_parts(program)) for program in stats.programs],
            severities=[(name, stats.findings.get(name, 0)) for name in SEVERITIES],
            stats=stats,
            statuses=[(name, counted.get(name, 0)) for name in STATUSES],
        )


def _today() -> date:
    """Return the last day of the plot: days are those of UTC, as the service counts."""
    return now().date()
