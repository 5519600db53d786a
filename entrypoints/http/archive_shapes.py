"""What admins see of a purchase, beside what its buyer sees."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from application.ports.archive import ArchivePage
from application.ports.survey import UnreadablePurchase
from application.ports.trail import TrailFact
from application.view_archive import Moment, MomentKind, PurchaseHistory
from domain.outbox import Notice, OutgoingMail
from domain.purchase import Purchase
from domain.refund_effect import RefundEffect
from domain.refunds import ExtraPayment
from entrypoints.http.shapes import Page, PurchaseShape, Shape

# What a moment is called on the wire, where it is not as we call it.
KINDS: Final = {MomentKind.CALL: "stripe"}


class PersonShape(Shape):
    id: str
    name: str
    email: str

    @classmethod
    def of(cls, purchase: Purchase) -> "PersonShape":
        buyer = purchase.buyer
        return cls(id=buyer.id, name=buyer.name, email=buyer.email)


class ArchivedShape(PurchaseShape):
    """A purchase as its buyer sees it, and who that is.

    `openMoney`: some of its money has yet to go back, or has yet to arrive there.
    """

    buyer: PersonShape
    open_money: bool


class UnreadableShape(Shape):
    """A row that this version cannot read; the log says more."""

    id: str
    why: str


class ArchiveShape(Page[ArchivedShape]):
    """`total` counts up to 10,000; `unreadable` are rows of this page as well."""

    unreadable: list[UnreadableShape]


class AdminActShape(Shape):
    at: datetime
    what: str
    by: str
    why: str


class MomentShape(Shape):
    """`kind`: request, stripe, event, mail, act or state."""

    at: datetime
    kind: str
    what: str
    facts: dict[str, TrailFact]

    @classmethod
    def of(cls, moment: Moment) -> "MomentShape":
        return cls(
            at=moment.at,
            kind=KINDS.get(moment.kind, moment.kind.value),
            what=moment.what,
            facts=dict(moment.facts),
        )


class OwedMailShape(Shape):
    """A mail that the purchase owes or owed; `what` as in the timeline."""

    what: str
    state: str
    tries: int
    message_id: str

    @classmethod
    def of(cls, mail: OutgoingMail) -> "OwedMailShape":
        return cls(
            what=mail.kind.value if isinstance(mail, Notice) else "confirmation",
            state=mail.state.value,
            tries=mail.tries,
            message_id=mail.message_id,
        )


class ExtraPaymentShape(Shape):
    """Money beside the purchase's own payment, which must go back."""

    session_id: str
    payment_intent: str | None
    amount: int
    currency: str
    reason: str
    status: str

    @classmethod
    def of(cls, extra: ExtraPayment) -> "ExtraPaymentShape":
        return cls(
            session_id=extra.session_id,
            payment_intent=extra.payment_intent,
            amount=extra.amount,
            currency=extra.currency,
            reason=extra.reason.value,
            status=extra.state.value,
        )


class PurchaseFileShape(Shape):
    """One purchase, and what happened to it, the oldest first.

    States and acts are complete up to the newest fifty of each; requests, Stripe's
    calls, events and mails are told for ninety days, and none of them is promised.
    """

    purchase: PurchaseShape
    buyer: PersonShape
    state: str
    session_id: str | None
    payment_intent: str | None
    dispute: str | None
    extra_payments: list[ExtraPaymentShape]
    mails: list[OwedMailShape]
    acts: list[AdminActShape]
    timeline: list[MomentShape]

    @classmethod
    def of(cls, history: PurchaseHistory) -> "PurchaseFileShape":
        file = history.file
        purchase = file.purchase
        session, paid, dispute = purchase.session, purchase.paid, purchase.dispute
        return cls(
            purchase=PurchaseShape.of(purchase),
            buyer=PersonShape.of(purchase),
            state=purchase.status.value,
            session_id=session.id if session else None,
            payment_intent=paid.payment_intent if paid else None,
            dispute=dispute.state.value if dispute else None,
            extra_payments=list(map(ExtraPaymentShape.of, purchase.extra_payments)),
            mails=list(map(OwedMailShape.of, purchase.mails)),
            acts=[
                AdminActShape(at=act.at, what=act.what, by=act.by, why=act.why)
                for act in file.acts
            ],
            timeline=list(map(MomentShape.of, history.timeline)),
        )


class RefundPreviewShape(Shape):
    """What a refund would come to once the money has arrived, in minor units.

    `left` is what could still be given back then; `why` is a stable word, null when
    nothing stands in the way.
    """

    refundable: bool
    why: str | None
    message: str | None
    amount: Annotated[int, Meta(ge=0)]
    left: Annotated[int, Meta(ge=0)]
    loses_access: bool
    releases_spot: bool
    currency: str

    @classmethod
    def of(cls, effect: RefundEffect) -> "RefundPreviewShape":
        return cls(
            refundable=effect.why_not is None,
            why=effect.why_not,
            message=effect.message,
            amount=effect.amount,
            left=effect.left,
            loses_access=effect.loses_access,
            releases_spot=effect.releases_spot,
            currency=effect.currency.code,
        )


def archive_shape(found: ArchivePage, *, page: int, size: int) -> ArchiveShape:
    unreadable = [row for row in found.items if isinstance(row, UnreadablePurchase)]
    return ArchiveShape(
        items=[archived(row) for row in found.items if isinstance(row, Purchase)],
        page=page,
        page_size=size,
        total=found.total,
        unreadable=[UnreadableShape(id=row.id, why=row.why) for row in unreadable],
    )


def archived(purchase: Purchase) -> ArchivedShape:
    shown = PurchaseShape.of(purchase)
    return ArchivedShape(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        buyer=PersonShape.of(purchase),
        open_money=purchase.has_open_money,
    )
