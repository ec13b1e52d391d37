"""Which file of a unit was which before: a lesson keeps its name when its number changes, an outcome its statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from content.loader import is_lesson, is_outcome

from .files import taken_apart


def came_from(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """For each file of `now` (path to text) that was there `before`: its path then. No two have the same."""
    was = _outcomes(before, now)
    was |= {path: path for path in now if path in before and not is_outcome(path)}
    gone: dict[str, list[str]] = defaultdict(list)
    for path in before:
        if is_lesson(path) and path not in now:
            gone[_name(path)].append(path)
    fresh: dict[str, list[str]] = defaultdict(list)
    for path in now:
        if is_lesson(path) and path not in before:
            fresh[_name(path)].append(path)
    return was | {paths[0]: gone[name][0] for name, paths in fresh.items() if len(paths) == len(gone[name]) == 1}


def _name(path: str) -> str:
    return path.partition("-")[2]


def _outcomes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Outcomes by what they say; one that says something new is the one of its number, if that is nobody else's."""
    old, new = _statements(before), _statements(now)
    was = {path: path for path, says in new.items() if old.get(path) == says}
    for path, says in new.items():
        others = [one for one, said in old.items() if said == says and one not in was.values()]
        if path not in was and len(others) == 1:
            was[path] = others[0]
    claimed = set(was.values())
    return was | {path: path for path in new if path not in was and path in old and path not in claimed}


def _statements(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        path: taken_apart(path, text).values.get("statement", "") for path, text in texts.items() if is_outcome(path)
    }
