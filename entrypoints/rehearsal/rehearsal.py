"""Run any use case and see what it would change, with nothing changed."""

from typing import Final

from dependency_injector import providers

from application.ports.payments import PaymentGateway
from application.ports.refunds import RefundGateway
from entrypoints.rehearsal.picture import Picture, differences
from entrypoints.rehearsal.provider import RehearsedPayments, RehearsedRefunds, Wishes
from entrypoints.rehearsal.repositories import (
    RehearsedEventLog,
    RehearsedOrphans,
    RehearsedPrograms,
    RehearsedPurchases,
)
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.bell import RecordingBell
from entrypoints.use_cases import UseCases

# Ports that change nothing anywhere.  A port that is neither here nor replaced below is
# left empty, so that a use case that needs it cannot be rehearsed by mistake.
HARMLESS: Final = ("clock", "history", "locks", "randomness")


class Rehearsal:
    """The use cases of a service, over ports that read and remember.

    Whatever they would have changed is listed in `changes`.  One rehearsal sees its own
    changes; another begins anew.
    """

    def __init__(self, real: UseCases) -> None:
        self.alerts = RecordingAlerts()
        self.wishes = Wishes([])
        self.purchases = RehearsedPurchases(real=real.purchases())
        self.programs = RehearsedPrograms(real=real.programs())
        self.orphans = RehearsedOrphans(real=real.orphans())
        self.event_log = RehearsedEventLog(real=real.event_log())
        payments: PaymentGateway = RehearsedPayments(
            real=real.payments(), wishes=self.wishes
        )
        refunds: RefundGateway = RehearsedRefunds(
            real=real.refunds(), wishes=self.wishes
        )
        remembering: dict[str, object] = {
            "alerts": self.alerts,
            "bell": RecordingBell(),
            "event_log": self.event_log,
            "orphans": self.orphans,
            "payments": payments,
            "programs": self.programs,
            "purchases": self.purchases,
            "refunds": refunds,
        }
        self.use_cases = UseCases(
            **_plain_values(real),
            **{name: getattr(real, name) for name in HARMLESS},
            **{name: providers.Object(port) for name, port in remembering.items()},
        )

    def changes(self) -> list[str]:
        """Say in a line each what would have changed, and who would have been told."""
        return [
            *differences(self._before(), self._after()),
            *(
                f"Stripe: {wish}; its answer is not known here"
                for wish in self.wishes.said
            ),
            *(f"alert {alert.code}: {alert.message}" for alert in self.alerts.sent),
        ]

    def _before(self) -> Picture:
        return Picture(
            purchases=self.purchases.as_read,
            spots=self.programs.held,
            orphans=self.orphans.as_read,
            events=self.event_log.as_read,
        )

    def _after(self) -> Picture:
        return Picture(
            purchases=self.purchases.store.rows,
            spots=self.programs.holders,
            orphans=self.orphans.stored,
            events=self.event_log.now_held(),
        )


def _plain_values(real: UseCases) -> dict[str, object]:
    """Return what is no port: the dependencies that name their type."""
    return {
        name: dependency
        for name, dependency in real.dependencies.items()
        if getattr(dependency, "instance_of", object) is not object
    }
