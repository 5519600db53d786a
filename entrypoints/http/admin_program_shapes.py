"""What an admin sees of programs, prices and spots."""

from datetime import datetime
from zoneinfo import ZoneInfo

from application.preview_prices import PricePreview
from application.view_programs_as_admin import ProgramOverview
from application.view_spots import Spot, SpotKind
from domain.class_rep import UNLIMITED, SpotTally
from domain.price_list import Offer
from domain.program import Program
from entrypoints.http.programs import ProgramShape
from entrypoints.http.shapes import QuoteShape, Shape, WireStatus, wire_status


class TallyShape(Shape):
    """`limit` and `free` are null without a limit; `over` drains before one is free."""

    limit: int | None
    held: int
    paid: int
    free: int | None
    over: int

    @classmethod
    def of(cls, tally: SpotTally) -> "TallyShape":
        return cls(
            limit=None if tally.limit == UNLIMITED else tally.limit,
            held=tally.held,
            paid=tally.paid,
            free=tally.free,
            over=tally.over,
        )


class AdminProgramShape(ProgramShape):
    """A program as buyers see it, and how it stands."""

    revision: int
    spots: TallyShape

    @classmethod
    def of_overview(cls, overview: ProgramOverview) -> "AdminProgramShape":
        program = overview.program
        return cls(
            **ProgramShape.fields_of(program),
            revision=program.revision,
            spots=TallyShape.of(overview.spots),
        )


class SpotBuyerShape(Shape):
    name: str
    email: str


class SpotShape(Shape):
    """One spot; of a `stray` one nobody knows the buyer, or the purchase is over.

    `since` is when the purchase began, `until` when its checkout is over.
    """

    purchase_id: str
    order_number: str | None
    buyer: SpotBuyerShape | None
    status: WireStatus | None
    kind: SpotKind
    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, spot: Spot) -> "SpotShape":
        purchase = spot.purchase
        if purchase is None:
            return cls(
                purchase_id=spot.purchase_id,
                order_number=None,
                buyer=None,
                status=None,
                kind=spot.kind,
                since=None,
                until=None,
            )
        buyer = purchase.buyer
        return cls(
            purchase_id=purchase.id,
            order_number=purchase.order_number,
            buyer=SpotBuyerShape(name=buyer.name, email=buyer.email),
            status=wire_status(purchase),
            kind=spot.kind,
            since=purchase.created_at,
            until=spot.until,
        )


class NoPriceShape(Shape):
    """Why a checkout would be refused, with the code that it would answer."""

    code: str
    message: str


class OfferShape(Shape):
    """A quote, or why there is none."""

    quote: QuoteShape | None
    refusal: NoPriceShape | None

    @classmethod
    def of(cls, offer: Offer) -> "OfferShape":
        why = offer.refusal
        return cls(
            quote=None if offer.quote is None else QuoteShape.of(offer.quote),
            refusal=None
            if why is None
            else NoPriceShape(code=why.code, message=str(why)),
        )


class EdgeShape(Shape):
    """Where early birds end: `lastEarly` still counts, `deadline` does not.

    `localDeadline` is the same moment on the clocks of the program's time zone.
    """

    deadline: datetime
    local_deadline: str
    last_early: datetime
    at: datetime
    is_early_at: bool

    @classmethod
    def of(cls, draft: Program, preview: PricePreview) -> "EdgeShape | None":
        deadline, last_early = (
            draft.terms.early_bird_deadline,
            preview.prices.last_early,
        )
        if deadline is None or last_early is None:
            return None
        local = deadline.astimezone(ZoneInfo(draft.time_zone))
        return cls(
            deadline=deadline,
            local_deadline=local.isoformat(),
            last_early=last_early,
            at=preview.at,
            is_early_at=preview.is_early,
        )


class PricePreviewShape(Shape):
    """The four prices, and the edge of the early-bird discount if there is one."""

    plain: OfferShape
    class_rep: OfferShape
    early_bird: OfferShape
    both: OfferShape
    edge: EdgeShape | None

    @classmethod
    def of(cls, draft: Program, preview: PricePreview) -> "PricePreviewShape":
        prices = preview.prices
        return cls(
            plain=OfferShape.of(prices.plain),
            class_rep=OfferShape.of(prices.class_rep),
            early_bird=OfferShape.of(prices.early_bird),
            both=OfferShape.of(prices.both),
            edge=EdgeShape.of(draft, preview),
        )
