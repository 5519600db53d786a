"""Programs, their prices and their spots."""

from datetime import datetime

from entrypoints.storefront.answers import Answer, QuoteAnswer


class Tally(Answer, frozen=True):
    """`limit` and `free` are None without a limit; `over` is above a lowered one."""

    limit: int | None
    held: int
    paid: int
    free: int | None
    over: int

    @property
    def is_full(self) -> bool:
        return self.free == 0


class AdminProgram(Answer, frozen=True):
    """A program as buyers see it, and how it stands."""

    id: str
    title: str
    program_type: str
    full_price: int
    currency: str
    is_free: bool
    class_rep_limit: int
    class_rep_discount: int
    early_bird_discount: int
    early_bird_deadline: datetime | None
    time_zone: str
    active: bool
    sales_paused: bool
    revision: int
    spots: Tally


class SpotHolder(Answer, frozen=True):
    name: str
    email: str


class SpotAnswer(Answer, frozen=True):
    """One spot; of a stray one nobody knows the buyer."""

    purchase_id: str
    kind: str
    order_number: str | None = None
    buyer: SpotHolder | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class NoPrice(Answer, frozen=True):
    code: str
    message: str


class OfferAnswer(Answer, frozen=True):
    """A quote, or why there is none."""

    quote: QuoteAnswer | None = None
    refusal: NoPrice | None = None


class EdgeAnswer(Answer, frozen=True):
    """Where early birds end: at `deadline` itself the discount is over."""

    deadline: datetime
    is_early_at: bool


class PricesAnswer(Answer, frozen=True):
    """The four prices that a place can have."""

    plain: OfferAnswer
    class_rep: OfferAnswer
    early_bird: OfferAnswer
    both: OfferAnswer
    edge: EdgeAnswer | None = None

    @property
    def rows(self) -> list[tuple[str, OfferAnswer]]:
        rows = [("Regular place", self.plain), ("Class-rep place", self.class_rep)]
        if self.edge is None:
            return rows
        return [
            *rows,
            ("Regular place, early bird", self.early_bird),
            ("Class-rep place, early bird", self.both),
        ]
