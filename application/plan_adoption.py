"""Say what taking the predecessor's records over would do; nothing is written."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from application.ports.payments import PaymentGateway, PaymentGatewayUnavailable
from application.ports.predecessor import Predecessor
from application.ports.survey import Survey
from domain.adoption import (
    Adopted,
    Sale,
    adopted,
    adopted_id,
    adopted_program,
    keep_one,
    needs_stripe,
)
from domain.checkout import CheckoutSession
from domain.errors import DomainError
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.predecessor import OddRecord, OldProgram, OldPurchase
from domain.program import Program

UNKNOWN: Final = "resource_missing"  # the provider's word for what it never had
BATCH: Final = 500
NO_PROGRAM: Final = "its program is not among those that are taken over"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedProgram:
    """A program; `spots`: how many purchases of the plan would hold one."""

    was: OldProgram
    program: Program
    spots: int = 0

    @property
    def remarks(self) -> tuple[str, ...]:
        limit = self.program.terms.class_rep_limit
        found = {
            f"its counter said {self.was.class_rep_count}": (
                self.was.class_rep_count != self.spots
            ),
            f"{self.spots - limit} more than its limit": 0 < limit < self.spots,
        }
        return tuple(remark for remark, is_so in found.items() if is_so)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What is not taken over, and why; a human looks at each."""

    collection: str
    id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionPlan:
    """`there`: how many purchases were taken over before, and are left as they are."""

    programs: tuple[AdoptedProgram, ...]
    purchases: tuple[Adopted, ...]
    left_out: tuple[LeftOut, ...]
    there: int = 0

    @property
    def hash(self) -> str:
        """Name the plan by all that it says, and all that is sold and paid by it."""
        programs = [_said_of_program(each) for each in self.programs]
        purchases = [_said_of_purchase(each) for each in self.purchases]
        left = [(each.collection, each.id, each.why) for each in self.left_out]
        said = json.dumps([sorted(programs), sorted(purchases), sorted(left)])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAdoption:
    """Level-triggered: run again, what was taken over is there and left alone."""

    livemode: bool
    payments: PaymentGateway
    predecessor: Predecessor
    sale: Sale
    survey: Survey

    async def __call__(self) -> AdoptionPlan:
        """Read all of the predecessor, ask the provider where it must, and plan.

        Raises:
            PaymentGatewayUnavailable: a session could not be looked up; try again.
            StorageUnavailable: one of the two databases did not answer.
            TooManyRecords: no plan is made.
        """
        left: list[LeftOut] = []
        programs = self._programs(await self.predecessor.programs(), left)
        rows: list[Adopted] = []
        for old in await self.predecessor.purchases():
            row = await self._purchase(old, programs, left)
            if row is not None:
                rows.append(row)
        kept, doubles = keep_one(rows)
        left += [_double(row, first) for row, first in doubles]
        there = await self._there(kept)
        return AdoptionPlan(
            programs=_with_spots(programs.values(), kept),
            purchases=tuple(row for row in kept if row.purchase.id not in there),
            left_out=tuple(left),
            there=len(there),
        )

    def _programs(
        self, found: Sequence[OldProgram | OddRecord], left: list[LeftOut]
    ) -> Mapping[ProgramId, AdoptedProgram]:
        programs: dict[ProgramId, AdoptedProgram] = {}
        for old in found:
            if isinstance(old, OddRecord):
                left.append(LeftOut(collection=old.collection, id=old.id, why=old.why))
                continue
            try:
                program = adopted_program(old, self.sale)
            except DomainError as error:
                why = str(error)
                left.append(LeftOut(collection="programs", id=old.id, why=why))
            else:
                programs[program.id] = AdoptedProgram(was=old, program=program)
        return programs

    async def _purchase(
        self,
        old: OldPurchase | OddRecord,
        programs: Mapping[ProgramId, AdoptedProgram],
        left: list[LeftOut],
    ) -> Adopted | None:
        if isinstance(old, OddRecord):
            left.append(LeftOut(collection=old.collection, id=old.id, why=old.why))
            return None
        found = programs.get(ProgramId(adopted_id(old.program_id)))
        if found is None:
            left.append(LeftOut(collection="purchases", id=old.id, why=NO_PROGRAM))
            return None
        session = await self._session(old) if needs_stripe(old) else None
        try:
            return adopted(old, found.program, session, livemode=self.livemode)
        except (DomainError, ValueError) as error:
            why = str(error)
            left.append(LeftOut(collection="purchases", id=old.id, why=why))
            return None

    async def _session(self, old: OldPurchase) -> CheckoutSession | None:
        try:
            return await self.payments.get_session(SessionId(old.session_id or ""))
        except PaymentGatewayUnavailable as error:
            if error.reason == UNKNOWN:
                return None
            raise

    async def _there(self, rows: Sequence[Adopted]) -> set[PurchaseId]:
        ids = [row.purchase.id for row in rows]
        found: set[PurchaseId] = set()
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            found |= {each.id for each in await self.survey.among(batch)}
        return found


def _said_of_program(row: AdoptedProgram) -> str:
    """Say its terms too: currency and time zone are given anew with each command."""
    said = [row.was.id, row.spots, row.remarks, asdict(row.program)]
    return json.dumps(said, default=str)


def _said_of_purchase(row: Adopted) -> str:
    purchase = row.purchase
    said = [
        row.was.id,
        purchase.id,
        purchase.status,
        row.remarks,
        asdict(purchase.quote),
        # Not its address: Stripe may tell another one each time.
        purchase.session.id if purchase.session else None,
        purchase.paid.payment_intent if purchase.paid else None,
        [refund.stripe_id for refund in purchase.refunds],
    ]
    return json.dumps(said, default=str)


def _double(row: Adopted, first: str) -> LeftOut:
    purchase = row.purchase
    paid = purchase.paid.payment_intent if purchase.paid else None
    page = purchase.session.id if purchase.session and purchase.is_live else None
    rest = f"give back {paid}" if paid else f"see to {page}" if page else "unpaid"
    why = f"the buyer has {first} of it already; {rest}"
    return LeftOut(collection="purchases", id=row.was.id, why=why)


def _with_spots(
    programs: Iterable[AdoptedProgram], kept: Sequence[Adopted]
) -> tuple[AdoptedProgram, ...]:
    """Count who would hold a spot; the predecessor's counter is not asked."""
    held = Counter(row.purchase.program.id for row in kept if row.purchase.holds_a_spot)
    return tuple(replace(each, spots=held[each.program.id]) for each in programs)
