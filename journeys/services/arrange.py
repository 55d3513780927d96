"""Places for cards that nobody has placed: rows by distance from the entry, parents centred over what follows."""

from collections.abc import Mapping, Sequence
from typing import Final

ROW: Final = 170
COLUMN: Final = 310
NAMES: Final = (0, 0, 52, 92)  # by the number of ways; where they are many, names of open ones stand in two rows


def names_below(ways: int) -> int:
    """How much more room is needed below a card for the names of its ways."""
    return NAMES[min(ways, len(NAMES) - 1)]


def places(ways: Mapping[str, int], lines: Sequence[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """(x, y) of every card; `ways`: how many each of them has, drawn or not. Lines that lead back do not count."""
    keys = list(ways)
    after: dict[str, list[str]] = {key: [] for key in keys}
    pointed = set()
    for source, target in lines:
        if target not in after[source]:
            after[source].append(target)
        pointed.add(target)
    order, children = _tree([key for key in keys if key not in pointed] or keys[:1], after, keys)
    rows: dict[str, int] = {}
    for key in order:  # parents come before those they lead to
        rows[key] = max((rows[p] + 1 for p in order if p in rows and key in after[p]), default=0)
    columns: dict[str, float] = {}
    free = 0.0
    for key in reversed(order):
        if not children[key]:
            columns[key] = free
            free -= 1
        else:
            columns[key] = sum(columns[child] for child in children[key]) / len(children[key])
    left = min(columns.values(), default=0)
    tops = {0: 0}
    for source, target in sorted(lines, key=lambda line: rows[line[1]]):
        above, row = rows[source], rows[target]
        if above < row:
            tops[row] = max(tops.get(row, 0), tops[above] + ROW + names_below(ways[source]))
    return {key: (round((columns[key] - left) * COLUMN), tops[rows[key]]) for key in keys}


def _tree(roots: list[str], after: dict[str, list[str]], keys: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """A topological order (lines back left out), and each card's children: those that only hang on it."""
    order: list[str] = []
    seen: set[str] = set()
    children: dict[str, list[str]] = {key: [] for key in keys}

    def visit(key: str) -> None:
        seen.add(key)
        for target in reversed(after[key]):
            if target not in seen:
                children[key].insert(0, target)
                visit(target)
        order.append(key)

    for root in reversed([*roots, *keys]):
        if root not in seen and (root in roots or not _reachable(root, roots, after)):
            visit(root)
    return order[::-1], children


def _reachable(key: str, roots: list[str], after: dict[str, list[str]]) -> bool:
    seen, todo = set(roots), list(roots)
    while todo:
        for target in after[todo.pop()]:
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return key in seen
