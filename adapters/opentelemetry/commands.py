"""Spans of what MongoDB is asked."""

from typing import Any

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace import get_current_span as current_span
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)


class CommandSpans(CommandListener):
    """One for each command that belongs to something traced: its name and collection.

    The command itself is not looked at, for filters and documents are in it.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: dict[tuple[Any, int], Span] = {}

    def started(self, event: CommandStartedEvent) -> None:
        if not current_span().is_recording():
            return
        attributes = {
            "db.system.name": "mongodb",
            "db.namespace": event.database_name,
            "db.operation.name": event.command_name,
        }
        collection = event.command.get(event.command_name)
        if isinstance(collection, str):
            attributes["db.collection.name"] = collection
        name = f"mongo {event.command_name} {attributes.get('db.collection.name', '')}"
        self._open[_key(event)] = self._tracer.start_span(
            name.rstrip(), kind=SpanKind.CLIENT, attributes=attributes
        )

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._end(event)

    def failed(self, event: CommandFailedEvent) -> None:
        self._end(event, is_failed=True)

    def _end(
        self,
        event: CommandSucceededEvent | CommandFailedEvent,
        *,
        is_failed: bool = False,
    ) -> None:
        span = self._open.pop(_key(event), None)
        if span is None:
            return
        if is_failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def _key(
    event: CommandStartedEvent | CommandSucceededEvent | CommandFailedEvent,
) -> tuple[Any, int]:
    return event.connection_id, event.request_id
