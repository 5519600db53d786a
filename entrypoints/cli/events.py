"""`spothold events`: what Stripe told us and we could not apply, and applying it."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from application.errors import ApplicationError
from application.receive_event import EventOutcome
from application.view_quarantine import AgedEvent
from domain.errors import DomainError
from entrypoints.cli.tables import table_of
from entrypoints.container import running_use_cases
from entrypoints.logging import configure_logging
from entrypoints.rehearsal.rehearsal import Rehearsal
from entrypoints.settings import Settings
from entrypoints.use_cases import UseCases

STILL_HELD: Final = 1

Answer = TypeVar("Answer")

events = typer.Typer(
    help="Stripe's events that could not be applied: listed, or replayed."
)
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


@events.callback(invoke_without_command=True)
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the events that are held, the oldest first: how long, how often, and why."""
    if context.invoked_subcommand is not None:
        return
    found = _run(lambda use_cases: use_cases.quarantine().view_quarantine()())
    if as_json:
        typer.echo(json.dumps([_row(event) for event in found]))
    elif not found:
        typer.echo("No event is held.")
    else:
        Console().print(_table(found))


@events.command()
def replay(
    event_id: Annotated[str, typer.Argument(help="Its id at Stripe: evt_….")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would change.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Apply an event once more; one that was applied already changes nothing.

    The exit code is 1 if it cannot be applied and stays held.
    """
    outcome, changes = _run(_rehearsed(event_id) if dry_run else _replayed(event_id))
    if as_json:
        told = {"event": event_id, "dryRun": dry_run, "outcome": outcome}
        typer.echo(json.dumps({**told, **({"changes": changes} if dry_run else {})}))
    else:
        _tell(outcome, changes, is_rehearsal=dry_run)
    if outcome is EventOutcome.QUARANTINED:
        raise typer.Exit(code=STILL_HELD)


Replayed = tuple[EventOutcome, Sequence[str]]
Work = Callable[[UseCases], Coroutine[Any, Any, Answer]]


def _replayed(event_id: str) -> Work[Replayed]:
    async def work(use_cases: UseCases) -> Replayed:
        return await use_cases.quarantine().replay_event()(event_id), ()

    return work


def _rehearsed(event_id: str) -> Work[Replayed]:
    async def work(use_cases: UseCases) -> Replayed:
        rehearsal = Rehearsal(use_cases)
        try:
            outcome = await rehearsal.use_cases.quarantine().replay_event()(event_id)
        except (ApplicationError, DomainError):
            _say(rehearsal.changes())
            raise
        return outcome, rehearsal.changes()

    return work


def _run(work: Work[Answer]) -> Answer:
    async def run() -> Answer:
        settings = Settings()
        configure_logging(level=settings.log_level, log_format=settings.log_format)
        async with running_use_cases(settings) as use_cases:
            return await work(use_cases)

    return asyncio.run(run())


def _tell(outcome: EventOutcome, changes: Sequence[str], *, is_rehearsal: bool) -> None:
    if is_rehearsal:
        _say(changes or ["Nothing would change."])
        typer.echo(f"The outcome would be: {outcome}.  Nothing was changed.")
    else:
        typer.echo(f"The outcome: {outcome}.")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _table(found: Sequence[AgedEvent]) -> Table:
    table = table_of("event", "kind", "about", "held for", "tries", "next try", "why")
    for aged in found:
        held, event = aged.held, aged.held.event
        table.add_row(
            escape(event.id),
            escape(event.kind),
            escape(event.payment_intent or event.object_id or ""),
            _in_words(aged.age),
            str(held.tries),
            held.until.isoformat(timespec="minutes") if held.is_tried else "given up",
            escape(held.why),
        )
    return table


def _row(aged: AgedEvent) -> dict[str, str | int | None]:
    held, event = aged.held, aged.held.event
    return {
        "event": event.id,
        "kind": event.kind,
        "object": event.object_id,
        "paymentIntent": event.payment_intent,
        "purchase": event.purchase_id,
        "why": held.why,
        "state": held.state.value,
        "firstSeen": held.first_seen.isoformat(),
        "lastTried": held.last_tried.isoformat(),
        "nextTry": held.until.isoformat() if held.is_tried else None,
        "ageSeconds": int(aged.age.total_seconds()),
        "tries": held.tries,
    }


def _in_words(age: timedelta) -> str:
    """Write a duration in its two largest units."""
    hours, seconds = divmod(int(age.total_seconds()) % 86_400, 3_600)
    if age.days:
        return f"{age.days} d {hours} h"
    return f"{hours} h {seconds // 60} min" if hours else f"{seconds // 60} min"
