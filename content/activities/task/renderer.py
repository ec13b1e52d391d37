"""How a task reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets

from .schema import LENGTHS


def plain(data: Data) -> str:
    """The question, the steps and what is looked for, as Markdown; never the model answer."""
    least, most = LENGTHS[data["length"]]
    steps = "\n".join(f"{n}. **{step['title']}.** {step['ask']}" for n, step in enumerate(data["steps"], 1))
    looked_for = bullets([criterion["text"] for criterion in data["criteria"]])
    return (
        f"**{data['title']}**\n\n{data['stem']}\n\n{least} to {most} words.\n\n{steps}\n\nWhat is looked for:\n\n"
        f"{looked_for}"
    )
