"""`expand`: put whole objects where their ids stand."""

import copy
from typing import Any

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.refusals import Refusal

DEEPEST = 4
# Can be expanded, although the objects have it only once there is something to show.
OPTIONAL = {("refund", "failure_balance_transaction")}


def expanded(account: Account, answer: JsonObject, paths: list[str]) -> JsonObject:
    """Return a copy of the answer with every path expanded.

    Raises:
        Refusal: A path leads nowhere.  The operation has been executed by then.
    """
    copied = copy.deepcopy(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            message = "You cannot expand more than 4 levels of a property."
            raise Refusal(message, param="expand")
        _expand(account, copied, steps, path)
    return copied


def _expand(account: Account, node: JsonObject, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if node.get("object") == "list" and step == "data":
        for row in node["data"]:
            _expand(account, row, rest, path)
        return
    if step not in node and (node.get("object"), step) in OPTIONAL:
        return
    node[step] = _whole(account, node, step, path)
    if rest and node[step] is not None:
        _expand(account, node[step], rest, path)


def _whole(account: Account, node: JsonObject, step: str, path: str) -> Any:
    value = node.get(step)
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and (row := account.find(value)) is not None:
        return copy.deepcopy(row)
    if value is None and step in node:
        return None
    rows = _rows_below(account, node, step)
    if rows is None:
        message = f"This property cannot be expanded ({step})."
        raise Refusal(f"{message} The path was {path}.", param="expand")
    return rows


def _rows_below(account: Account, node: JsonObject, step: str) -> JsonObject | None:
    """Lists that an object carries only when they are asked for."""
    place = (node.get("object"), step)
    if place == ("checkout.session", "line_items"):
        rows = account.line_items[node["id"]]
        return _list(rows, f"/v1/checkout/sessions/{node['id']}/line_items")
    if place == ("charge", "refunds"):
        refunds = account.all("refund")
        rows = [row for row in refunds if row["charge"] == node["id"]]
        return _list(rows, f"/v1/charges/{node['id']}/refunds")
    return None


def _list(rows: list[JsonObject], url: str) -> JsonObject:
    data = copy.deepcopy(rows)
    return {"object": "list", "data": data, "has_more": False, "url": url}
