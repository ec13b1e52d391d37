"""What the commands say: one line per step, one sentence per refusal."""

from __future__ import annotations


class Stop(Exception):
    """The command cannot go on; the message is the sentence that the person reads."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def step(name: str, what: str) -> None:
    """One line of progress: what is being done, and how it stands."""
    print(f"  {name:<12} {what}", flush=True)
