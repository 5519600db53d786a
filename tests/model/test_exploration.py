"""The explorer itself, on graphs that fit into one line."""

from collections.abc import Iterator, Mapping

from tests.model.exploration import NEVER_SETTLES, Broken, Exploration, Findings


class Drawing:
    """A graph as a table: each state's steps, the fair ones as `fair` says."""

    def __init__(
        self, steps: Mapping[int, str], *, fair: Mapping[int, str], settled: str
    ) -> None:
        self._steps = steps
        self._fair = fair
        self._settled = {int(state) for state in settled}
        self.broken: frozenset[int] = frozenset()

    def start(self) -> int:
        return 0

    def successors(self, state: int) -> list[int]:
        after = [int(state) for state in self._steps.get(state, "")]
        for each in after:
            if each in self.broken:
                raise Broken(invariant="broken", label=f"to {each}")
        return after

    def fair_successors(self, state: int) -> list[int]:
        return [int(state) for state in self._fair.get(state, "")]

    def labels(self, state: int) -> Iterator[tuple[str, int]]:
        for after in self._steps[state]:
            yield f"to {after}", int(after)

    def is_settled(self, state: int) -> bool:
        return state in self._settled

    def describe(self, state: int) -> str:
        return str(state)


def explore(
    steps: Mapping[int, str],
    *,
    fair: Mapping[int, str] | None = None,
    settled: str = "",
    broken: frozenset[int] = frozenset(),
) -> Findings:
    drawing = Drawing(steps, fair=steps if fair is None else fair, settled=settled)
    drawing.broken = broken
    return Exploration(drawing).run()


def test_every_state_and_every_step_is_counted() -> None:
    found = explore({0: "12", 1: "2", 2: "23"}, settled="3")
    assert (found.states, found.transitions, found.depth) == (4, 5, 2)
    assert found.counterexample is None


def test_the_way_to_what_is_broken_is_a_shortest_one() -> None:
    found = explore({0: "12", 1: "3", 2: "5", 3: "4", 4: "5"}, broken=frozenset({5}))
    assert not found.is_complete
    assert found.counterexample is not None
    assert found.counterexample.steps == ["to 2", "to 5"]


def test_a_dead_end_that_is_not_right_never_settles() -> None:
    found = explore({0: "12", 1: "3"}, settled="3").counterexample
    assert found is not None
    assert (found.invariant, found.steps) == (NEVER_SETTLES, ["to 2"])


def test_only_fair_steps_settle() -> None:
    assert explore({0: "1"}, fair={}, settled="1").counterexample is not None


def test_going_round_is_no_way_to_settle_but_leaving_the_round_is() -> None:
    assert explore({0: "1", 1: "0"}).counterexample is not None
    assert explore({0: "1", 1: "02"}, settled="2").counterexample is None


def test_settled_is_only_what_fair_steps_do_not_leave() -> None:
    assert explore({0: "1", 1: "0"}, settled="1").counterexample is not None
    assert explore({0: "1", 1: "0"}, settled="01").counterexample is None
    unfair = explore({0: "1", 1: "0"}, fair={0: "1"}, settled="1")
    assert unfair.counterexample is None


def test_a_dead_end_on_the_way_does_not_hide_the_way_out() -> None:
    found = explore({0: "14", 1: "2", 2: "31", 3: "20"}, settled="4")
    assert found.counterexample is None
