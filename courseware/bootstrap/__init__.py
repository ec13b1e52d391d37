"""From a machine that has only Python to a running site, or a tested one. Standard library only."""

from __future__ import annotations

import sys

from courseware.bootstrap.speech import Stop


def main(words: list[str]) -> int:
    """Carry out what was typed after `manage.py`; the exit status."""
    try:
        return _main(words)
    except Stop as stop:
        print(f"manage.py: {stop}", file=sys.stderr)
        return stop.status
    except KeyboardInterrupt:
        return 130


def _main(words: list[str]) -> int:
    if words[:1] == ["up"]:
        from courseware.bootstrap import up

        return up.run(words[1:])
    if words[:1] == ["test"]:
        from courseware.bootstrap import suite

        return suite.run(words[1:])
    if words[:1] == ["checks"]:
        from courseware.bootstrap import house

        return house.run(words[1:])
    from courseware.bootstrap import environment

    return environment.django(words)
