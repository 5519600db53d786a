"""What buyers, Stripe, banks and admins do between the calls of the service."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from application.ports.payments import IntentState
from domain.checkout import CheckoutSession, SessionStatus
from tests.conformance.abstraction import Documents
from tests.conformance.outside_money import Act, OutsideMoney
from tests.conformance.stage import Stage
from tests.examples import CHOIR, usd
from tests.model.configuration import Configuration
from tests.model.vocabulary import Purchase
from tests.model.world import World

# A create is refused after 5 minutes, and a session ends after 35.
DEARER: Final = 2_000  # for each price that the model numbers
PAUSES: Final = (timedelta(minutes=6), timedelta(minutes=36))


class Outside:
    """Offers what may happen now; each act is one that the model knows."""

    def __init__(self, stage: Stage, random: Random, having: Configuration) -> None:
        self._stage = stage
        self._random = random
        self._having = having
        self._money = OutsideMoney(stage, random)

    def draw(self) -> Act | None:
        acts = list(self._acts())
        return self._random.choice(acts) if acts else None

    def _acts(self) -> Iterator[Act]:
        for session in self._stage.sessions:
            yield from self._acts_on(session)
            if session.is_paid:
                yield from self._money.acts_on(session)
        if self._random.random() < 0.08:
            yield "time passes", self._pass_time
        if self._random.random() < 0.1:
            yield from self._acts_of_an_admin()

    def _acts_of_an_admin(self) -> Iterator[Act]:
        if not self._having.changes:
            yield "admin lowers the limit", self._lower_limit
        elif self._stage.revision < len(self._having.changes):
            yield "admin changes the terms", self._change_terms

    def _acts_on(self, session: CheckoutSession) -> Iterator[Act]:
        stripe, named = self._stage.stripe, session.id
        if session.status is SessionStatus.OPEN:
            yield "buyer pays", lambda: stripe.pay(named)
            yield "buyer pays", lambda: stripe.pay(named)
            yield "buyer pays a wrong amount", lambda: stripe.pay(named, 1)
            yield "buyer pays by a delayed method", lambda: stripe.pay_later(named)
            yield "stripe expires the session", lambda: stripe.expire_one(named)
        elif self._is_under_way(session):
            yield "delayed payment clears", lambda: stripe.clear_delayed(named)
            yield "delayed payment fails", lambda: stripe.fail_delayed(named)
        elif session.status is SessionStatus.EXPIRED and self._may_be_rogue(session):
            label = "money comes for a closed purchase"
            yield label, lambda: stripe.break_its_word(named)

    def _is_under_way(self, session: CheckoutSession) -> bool:
        intent = self._stage.stripe.intents.get(session.payment_intent or "")
        is_open = intent is IntentState.UNDER_WAY
        is_complete = session.status is SessionStatus.COMPLETE
        return is_open and is_complete and not session.is_paid

    def _may_be_rogue(self, session: CheckoutSession) -> bool:
        assert session.purchase_id is not None
        row = self._stage.store.rows[session.purchase_id]
        return row.is_terminal and not row.extra_payments

    def _pass_time(self) -> None:
        self._stage.stripe.let_pass(self._random.choice(PAUSES))

    def _lower_limit(self) -> None:
        program = self._stage.programs.stored[CHOIR]
        # Not to 0, which the model takes for none and the service for any number.
        limit = max(1, program.terms.class_rep_limit - 1)
        terms = replace(program.terms, class_rep_limit=limit)
        self._stage.programs.stored[CHOIR] = replace(program, terms=terms)

    def _change_terms(self) -> None:
        """Change them as another instance does: ours does not hear of it.

        What the model calls not for sale is retired, or its sales are paused.
        """
        program = self._stage.programs.stored[CHOIR]
        new = self._having.terms(self._stage.revision + 1)
        is_retired = not new.is_for_sale and self._random.random() < 0.5
        self._stage.programs.stored[CHOIR] = replace(
            program,
            terms=replace(
                program.terms,
                full_price=usd(10_000 + new.price * DEARER),
                class_rep_limit=new.limit,
            ),
            revision=program.revision + 1,
            is_active=not is_retired,
            is_paused=not (new.is_for_sale or is_retired),
        )


def is_possible(world: World, before: Documents, after: Documents) -> bool:
    """Say whether the model's world can bring about this change.

    Time may do something to several purchases, and two things to one.
    """
    pairs = zip(before[0], after[0], strict=True)
    return all(
        _can_become(world, old, new)
        for olds, news in pairs
        for old, new in zip(olds, news, strict=True)
    )


def _can_become(world: World, old: Purchase, new: Purchase) -> bool:
    def next_to(each: Purchase) -> Iterable[Purchase]:
        return (event.purchase for event in world.events(each))

    return old == new or any(
        new == once or new in next_to(once) for once in next_to(old)
    )
