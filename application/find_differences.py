"""Find what is not as it should be, in all that we and the provider have."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from application.errors import ApplicationError
from application.inspection import Inspection, Scope
from application.ports.clock import Clock
from application.ports.payments import PaymentGateway
from domain.differences import PATIENCE, Patience
from domain.errors import DomainError
from domain.findings import Finding, fingerprint, worst_first

FINDINGS_MAX: Final = 2000  # of one inspection; after so many, it stops (I20)
NONE: Final = timedelta(0)
TOO_MANY: Final = "too_many_findings"
REACH: Final = timedelta(days=30)  # as long as Stripe keeps its events


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What was found, the worst first.

    `unseen` names the inspections that saw only a part, and why.
    """

    scope: Scope
    findings: tuple[Finding, ...]
    unseen: Mapping[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Return one hash of the findings and their repairs: the name of a plan."""
        return fingerprint(self.findings, unseen=self.unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDifferences:
    """Read everything, write nothing.

    Level-triggered: it does not matter what happened when, only what is now.  An
    inspection that fails hides no other.
    """

    clock: Clock
    inspections: Sequence[Inspection]
    payments: PaymentGateway

    async def __call__(
        self, *, reach: timedelta = REACH, patience: timedelta = PATIENCE
    ) -> Differences:
        """Inspect all and return the differences.

        Args:
            reach: how far back the provider is asked to list.
            patience: what is younger is still being worked on, and no difference.
        """
        scope = self.scope(reach=reach, patience=patience)
        found: dict[str, Finding] = {}
        unseen: dict[str, str] = {}
        for inspection in self.inspections:
            why = await self._inspect(inspection, scope, found)
            if why is not None:
                unseen[inspection.name] = why
        findings = tuple(worst_first(found.values()))
        return Differences(scope=scope, findings=findings, unseen=unseen)

    def scope(self, *, reach: timedelta, patience: timedelta) -> Scope:
        """Return what an inspection that begins now covers."""
        limits = Patience(
            at=self.clock.now(), provider_at=self.payments.now(), bound=patience
        )
        return Scope(patience=limits, since=limits.provider_at - reach)

    async def again(self, finding: Finding, *, reach: timedelta) -> Finding | None:
        """Look at one finding's subject, and return it as it is now, if it is.

        Without any patience: what was a difference does not cease to be one because
        something else has touched its purchase just now.

        Raises:
            PaymentGatewayUnavailable: it is not known.
            StorageUnavailable: likewise.
        """
        scope = self.scope(reach=reach, patience=NONE)
        for inspection in self.inspections:
            if finding.kind in inspection.kinds:
                found = await inspection.again(finding, scope)
                if found is not None:
                    return found
        return None

    async def _inspect(
        self, inspection: Inspection, scope: Scope, found: dict[str, Finding]
    ) -> str | None:
        """Add what it finds; return why it did not see everything, if so."""
        seen = 0
        try:
            async with aclosing(inspection.findings(scope)) as findings:
                async for finding in findings:
                    found.setdefault(finding.id, finding)
                    seen += 1
                    if seen == FINDINGS_MAX:
                        return TOO_MANY
        except (ApplicationError, DomainError) as error:
            return error.code
        except Exception as error:  # noqa: BLE001  # one that stumbles hides no other
            return type(error).__name__
        return None
