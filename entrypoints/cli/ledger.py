"""`spothold ledger`: what each day moved at Stripe, what our rows say, and what not."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from application.keep_ledger import said
from domain.day_ledger import DayLedger, LedgerItem, day_of
from domain.ledger import Sum
from domain.money import CURRENCIES, Currency
from entrypoints.cli.tables import table_of
from entrypoints.container import Container, opened, running_database
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings

DAYS_MAX: Final = 366


def ledger(
    *,
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="How many days, up to yesterday.")
    ] = 7,
    with_today: Annotated[
        bool, typer.Option(help="Today as well; its last minutes may still differ.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON, for scripts.")
    ] = False,
) -> None:
    """Compare our rows with Stripe's books, a day at a time, and change nothing.

    Days are Stripe's, in UTC.  The exit code is 1 if any of them differs.
    """
    ledgers = asyncio.run(_checked(Settings(), days, with_today=with_today))
    if as_json:
        typer.echo(json.dumps([_day(each) for each in ledgers]))
    else:
        _show(ledgers)
    raise typer.Exit(code=0 if all(each.is_equal for each in ledgers) else 1)


async def _checked(
    settings: Settings, days: int, *, with_today: bool
) -> list[DayLedger]:
    configure_logging(level="WARNING", log_format=settings.log_format)
    async with running_database(settings) as uri:
        container = Container(settings=settings, mongodb_uri=uri)
        async with opened(container):
            today = day_of(container.clock().now())
            check = container.use_cases().check_ledger()
            return [
                await check(day) for day in _days(today, days, with_today=with_today)
            ]


def _days(today: date, days: int, *, with_today: bool) -> Iterator[date]:
    last = 0 if with_today else 1
    for back in range(days + last - 1, last - 1, -1):
        yield today - timedelta(days=back)


def _show(ledgers: Sequence[DayLedger]) -> None:
    table = table_of("day", "ours", "Stripe's", "difference")
    for row in _rows(ledgers):
        table.add_row(*row)
    console = Console()
    console.print(table)
    for each in ledgers:
        for item in each.items:
            _complain(console, f"{each.day.isoformat()} {said(item)}{_sums(item)}")
        if each.items_unnamed:
            _complain(console, f"{each.day.isoformat()} and {each.items_unnamed} more")


def _rows(ledgers: Sequence[DayLedger]) -> Iterator[Sequence[str]]:
    for each in ledgers:
        day = each.day.isoformat()
        for line in each.lines:
            sums = (line.ours, line.stripes, line.difference)
            yield day, *(_decimal(amount, line.currency) for amount in sums)
        if not each.lines:
            yield day, "-", "-", "-"


def _complain(console: Console, line: str) -> None:
    console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def _sums(item: LedgerItem) -> str:
    """Say what each side has: the one sum, or both if they differ."""
    known = [("ours", item.ours), ("Stripe's", item.stripes)]
    return "".join(
        f", {whose} {_decimal(sum_.amount, sum_.currency)}"
        for whose, sum_ in known
        if sum_ is not None
    )


def _decimal(amount: int, currency: str) -> str:
    """Write it as people do, with its sign; minor units where we know no better."""
    exponent = Currency(currency).exponent if currency in CURRENCIES else 0
    return f"{Decimal(amount).scaleb(-exponent)} {currency.upper()}"


def _day(ledger: DayLedger) -> dict[str, Any]:
    return {
        "day": ledger.day.isoformat(),
        "isEqual": ledger.is_equal,
        "lines": [
            {
                "currency": line.currency,
                "ours": line.ours,
                "stripes": line.stripes,
                "difference": line.difference,
            }
            for line in ledger.lines
        ],
        "items": [_item(item) for item in ledger.items],
        "itemsUnnamed": ledger.items_unnamed,
    }


def _item(item: LedgerItem) -> dict[str, Any]:
    return {
        "mismatch": item.mismatch.value,
        "kind": item.kind.value,
        "paymentIntent": item.payment_intent,
        "subject": item.subject,
        "purchaseId": item.purchase_id,
        "ours": _amount(item.ours),
        "stripes": _amount(item.stripes),
    }


def _amount(known: Sum | None) -> dict[str, Any] | None:
    if known is None:
        return None
    return {"amount": known.amount, "currency": known.currency}
