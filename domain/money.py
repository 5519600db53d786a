"""Money as Stripe counts it: whole minor units of one currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from domain.errors import DomainError

# Stripe takes at most eight digits (API reference, PaymentIntent `amount`).
AMOUNT_MAX: Final = 99_999_999

# https://docs.stripe.com/currencies: the smallest charge, in minor units.  A currency
# without a row has no fixed minimum here: Stripe converts and then decides.
MINIMUM_CHARGE: Final[Mapping[str, int]] = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50,
    "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500,
    "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
SMALLEST_CHARGE: Final = 1

# https://docs.stripe.com/currencies#zero-decimal and #special-cases.
ZERO_DECIMAL: Final = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
)
THREE_DECIMAL: Final = frozenset("bhd jod kwd omr tnd".split())
# Counted in hundredths for Stripe, though the hundredths must be nought.
WHOLE_UNITS_ONLY: Final = frozenset({"isk", "ugx"})
TWO_DECIMAL: Final = frozenset(
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp"
    " byn bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel"
    " gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr"
    " lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd"
    " pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std"
    " szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw".split()
)
CURRENCIES: Final = ZERO_DECIMAL | THREE_DECIMAL | WHOLE_UNITS_ONLY | TWO_DECIMAL


class UnknownCurrency(DomainError):
    code = "unknown_currency"

    def __init__(self, currency: str) -> None:
        super().__init__(f"{currency!r} is not a currency that Stripe charges in.")
        self.currency = currency


class ImpossibleAmount(DomainError):
    """An amount that this currency cannot have or Stripe cannot take."""

    code = "impossible_amount"

    def __init__(self, amount: int, currency: str) -> None:
        super().__init__(f"{amount} {currency} is not an amount that can be charged.")
        self.amount = amount
        self.currency = currency


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency that Stripe charges in, by its lower-case ISO 4217 code.

    Raises:
        UnknownCurrency: Stripe does not know the code, or it is not in lower case.
    """

    code: str

    def __post_init__(self) -> None:
        if self.code not in CURRENCIES:
            raise UnknownCurrency(self.code)

    @property
    def exponent(self) -> int:
        """How many digits of an amount stand behind the decimal point."""
        if self.code in ZERO_DECIMAL:
            return 0
        return 3 if self.code in THREE_DECIMAL else 2

    @property
    def step(self) -> int:
        """The smallest difference between two amounts that Stripe takes."""
        if self.code in WHOLE_UNITS_ONLY:
            return 100
        return 10 if self.code in THREE_DECIMAL else 1

    @property
    def minimum_charge(self) -> int:
        """The smallest amount above zero that can be charged."""
        return MINIMUM_CHARGE.get(self.code, SMALLEST_CHARGE)

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of minor units, zero or more, in one currency.

    Raises:
        ImpossibleAmount: below zero, above `AMOUNT_MAX`, or between two steps.
    """

    amount: int
    currency: Currency

    def __post_init__(self) -> None:
        in_range = 0 <= self.amount <= AMOUNT_MAX
        if not in_range or self.amount % self.currency.step:
            raise ImpossibleAmount(self.amount, self.currency.code)

    @classmethod
    def of(cls, amount: int, currency: str) -> Self:
        return cls(amount, Currency(currency))

    def less(self, *discounts: Self) -> Self:
        """Take discounts off, down to zero and no further."""
        if any(discount.currency != self.currency for discount in discounts):
            raise ValueError("discounts are in the currency of the price")
        off = sum(discount.amount for discount in discounts)
        return type(self)(max(0, self.amount - off), self.currency)

    @property
    def is_zero(self) -> bool:
        return self.amount == 0

    @property
    def is_chargeable(self) -> bool:
        """Say whether Stripe would charge it."""
        return self.amount >= self.currency.minimum_charge

    def __str__(self) -> str:
        """Write it as people do: 0.40 USD, 500 JPY."""
        decimals = self.currency.exponent
        whole, fraction = divmod(self.amount, 10**decimals)
        point = f".{fraction:0{decimals}}" if decimals else ""
        return f"{whole}{point} {self.currency.code.upper()}"
