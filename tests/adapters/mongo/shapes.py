"""What a command asks of the indexes, told from its filter and sort alone.

The embedded server's `explain` is no witness and there is no mongod here, so that this
says by the declared indexes what any planner may do, and what none can.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final

from pymongo import IndexModel

from adapters.mongo.indexes import INDEXES

Row = Mapping[str, Any]

# What walks to its place in an index; `$ne`, `$nin`, `$not`, `$exists` do not.
SEEKS: Final = frozenset({"$eq", "$in", "$gt", "$gte", "$lt", "$lte"})
ONE_VALUE: Final = frozenset({"$eq", "$in"})


@dataclass(frozen=True, slots=True)
class Shape:
    """Collection, filter, fields of the sort in order, and whether few are returned."""

    collection: str
    only_if: Row
    sort: Sequence[str] = ()
    _: KW_ONLY
    is_few: bool


def shapes_of(command: Row) -> Iterator[Shape]:
    """Yield what a command looks for in collections that have indexes of ours."""
    name, collection = next(iter(command.items()))
    if collection not in INDEXES:
        return
    match name:
        case "find":
            yield Shape(
                collection,
                command.get("filter", {}),
                list(command.get("sort", {})),
                is_few="limit" in command,
            )
        case "aggregate":
            yield _of_pipeline(collection, command["pipeline"])
        case "update" | "delete":
            yield from (_of_write(collection, each) for each in command[f"{name}s"])
        case "findAndModify":
            yield Shape(collection, command["query"], is_few=True)


def _of_pipeline(collection: str, stages: Sequence[Row]) -> Shape:
    has_limit = any("$limit" in stage for stage in stages)
    return Shape(collection, stages[0].get("$match", {}), is_few=has_limit)


def _of_write(collection: str, write: Row) -> Shape:
    return Shape(collection, write["q"], is_few=not write.get("multi", False))


def is_led(shape: Shape) -> bool:
    """Say whether an index leads to the rows, or at least yields them in order."""
    only_if, sort = shape.only_if, list(shape.sort)
    if "_id" in only_if and _seeks(only_if["_id"]):
        return True
    if not only_if and sort in ([], ["_id"]):
        return True
    leads = {*(key for key in only_if if _seeks(only_if[key])), *sort[:1]}
    return any(_keys(index)[0] in leads for index in _usable(shape))


def is_bounded(shape: Shape) -> bool:
    """Say whether no more is read than is returned, or written, and that is limited.

    True for a look at ids, at a key that is unique, and for the beginning of one range
    of an index that is in the order that was asked for.
    """
    only_if = shape.only_if
    if "_id" in only_if and _is_one(only_if["_id"]):
        return True
    usable = _usable(shape)
    if any(_names_one(index, only_if) for index in usable):
        return True
    by_id = [("_id",)] if set(only_if) <= {"_id"} else []
    keys = [*by_id, *map(_keys, usable)]
    return shape.is_few and any(
        _is_one_range(each, only_if, shape.sort) for each in keys
    )


def is_one_stretch(shape: Shape) -> bool:
    """Say whether what matches is one stretch of an index, on any server.

    The embedded one takes single values for that, and no list beside other fields; what
    the filter of a partial index says already need not be among its keys.
    """
    same = {key for key, wanted in shape.only_if.items() if _is_plain(wanted)}
    return same == shape.only_if.keys() and any(
        same - said <= set(keys[: len(same - said)])
        for keys, said in (
            (_keys(index), set(index.document.get("partialFilterExpression", {})))
            for index in _usable(shape)
        )
    )


def _usable(shape: Shape) -> list[IndexModel]:
    return [
        index for index in INDEXES[shape.collection] if _covers(index, shape.only_if)
    ]


def _is_one_range(keys: Sequence[str], only_if: Row, sort: Sequence[str]) -> bool:
    """Match equalities, then one range or the sort, in the index's own order."""
    same = [key for key in only_if if _is_one(only_if[key])]
    rest = [key for key in only_if if key not in same]
    if set(keys[: len(same)]) != set(same):
        return False
    after = list(keys[len(same) :])
    if rest and (rest != after[:1] or not _seeks(only_if[rest[0]])):
        return False
    return list(sort) == after[: len(sort)]


def _names_one(index: IndexModel, only_if: Row) -> bool:
    is_unique = index.document.get("unique", False)
    return is_unique and all(
        key in only_if and _is_one(only_if[key]) for key in _keys(index)
    )


def _covers(index: IndexModel, only_if: Row) -> bool:
    """Say whether all that the filter can match is in the index."""
    partial: Row = index.document.get("partialFilterExpression", {})
    return all(
        key in only_if and (only_if[key] == wanted or isinstance(only_if[key], str))
        for key, wanted in partial.items()
    )


def _keys(index: IndexModel) -> tuple[str, ...]:
    return tuple(index.document["key"])


def _seeks(wanted: object) -> bool:
    return not isinstance(wanted, Mapping) or bool(SEEKS & wanted.keys())


def _is_plain(wanted: object) -> bool:
    return not isinstance(wanted, Mapping)


def _is_one(wanted: object) -> bool:
    """Say whether it names values, few and listed."""
    return not isinstance(wanted, Mapping) or wanted.keys() <= ONE_VALUE
