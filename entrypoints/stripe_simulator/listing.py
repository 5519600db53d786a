"""Pages of a list, newest first, with Stripe's cursors."""

from collections.abc import Iterable

from entrypoints.stripe_simulator.account import JsonObject
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.refusals import bad_parameter, no_such

PAGING = ("limit", "starting_after", "ending_before", "expand")
LARGEST_PAGE = 100


def page(call: Call, rows: Iterable[JsonObject]) -> JsonObject:
    """Cut the page that the call asks for out of rows that it may see."""
    candidates = list(rows)
    limit = _limit(call.params)
    after = call.params.text("starting_after")
    before = call.params.text("ending_before")
    if after is not None:
        candidates = candidates[_position(candidates, after, "starting_after") + 1 :]
    elif before is not None:
        # The page nearest to the cursor, still newest first.
        candidates = candidates[: _position(candidates, before, "ending_before")]
        return _answer(call, candidates[-limit:], len(candidates) > limit)
    return _answer(call, candidates[:limit], len(candidates) > limit)


def created_within(params: Params, rows: Iterable[JsonObject]) -> list[JsonObject]:
    if isinstance(params.values.get("created"), str):
        exactly = params.integer("created")
        return [row for row in rows if row["created"] == exactly]
    bounds = params.level("created")
    bounds.only("gt", "gte", "lt", "lte")
    above = max(bounds.integer("gte") or 0, (bounds.integer("gt") or -1) + 1)
    below = bounds.integer("lt")
    at_most = bounds.integer("lte")
    return [
        row
        for row in rows
        if row["created"] >= above
        and (below is None or row["created"] < below)
        and (at_most is None or row["created"] <= at_most)
    ]


def matching(
    params: Params, rows: Iterable[JsonObject], *fields: str
) -> list[JsonObject]:
    """Keep the rows whose fields equal the parameters of the same names."""
    wanted = {name: params.text(name) for name in fields}
    asked = {name: value for name, value in wanted.items() if value is not None}
    return [row for row in rows if all(row[name] == asked[name] for name in asked)]


def _limit(params: Params) -> int:
    limit = params.integer("limit", least=1)
    if limit is None:
        return 10
    if limit > LARGEST_PAGE:
        message = f"This value must be less than or equal to {LARGEST_PAGE}."
        raise bad_parameter(message, "limit", "parameter_invalid_integer")
    return limit


def _position(rows: list[JsonObject], identifier: str, param: str) -> int:
    for position, row in enumerate(rows):
        if row["id"] == identifier:
            return position
    raise no_such("object", identifier, param=param, status=400)


def _answer(call: Call, rows: list[JsonObject], has_more: bool) -> JsonObject:  # noqa: FBT001
    return {"object": "list", "data": rows, "has_more": has_more, "url": call.path}
