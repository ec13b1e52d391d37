"""What the demo's learners wrote (`prose.md`), about an organisation of their own, and what their tutors answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """The organisation that a learner writes about."""

    org: str
    what: str
    person: str


LARKSPUR = Case("Larkspur Coffee", "coffee by post", "Hana")
TIDEWAY = Case("Tideway Rowing Club", "adult rowing memberships", "Marek")
PENNINE = Case("Pennine Bus", "season tickets", "Ifeoma")
ORCHARD = Case("Orchard Street Library", "evening courses", "Joan")
BRIGHTWELL = Case("Brightwell Vets", "pet health plans", "Callum")


def _work() -> dict[str, tuple[str, str]]:
    """The texts of `prose.md` by criterion: title, and paragraphs between blank lines."""
    found: dict[str, tuple[str, str]] = {}
    for part in (Path(__file__).parent / "prose.md").read_text().split("\n## ")[1:]:
        head, _, body = part.partition("\n")
        number, _, title = head.partition(" ")
        paragraphs = [" ".join(paragraph.split()) for paragraph in body.strip().split("\n\n")]
        found[number] = (title, "\n\n".join(paragraphs))
    return found


WORK = _work()

MET = (
    """You do what the verb asks, and the example carries it: I can see it and need not take your word. What would \
make it stronger still is one more figure beside the claim in your second half.""",
    """Clear and to the point. The part that convinced me is where you say what your figures cannot show. Keep that.""",
    """This holds together. You name the organisation, follow one person, and say what could be measured.""",
    """Good work. Your comparison is fair to both sides, and the conclusion follows from it, not from an opinion.""",
)
JOURNEY_REFERRED = (
    "The first stages are alive: the lunch and the open page of prices are just what an illustration is.\n\n"
    "Two things are missing before this criterion is met.\n\n"
    "1. Carry the map past the purchase. Retention and advocacy are named, and nothing happens in them.\n"
    "2. Say at each stage what Larkspur could measure. One figure a stage is enough.\n\n"
    "Keep everything else. You are close."
)
TOOLS_REFERRED = (
    "You list five tools and describe two of them well. The verb is explain: for each of the others, say what "
    "it collects, at which stage of the journey, and what the club learns from it. "
    "The notebook at the desk deserves a sentence too."
)


def text_of(number: str, case: Case) -> tuple[str, str]:
    """Title and text of the work for a criterion, about `case`."""
    title, text = WORK[number]
    return f"{title}, {case.org}", text.format(org=case.org, what=case.what, person=case.person)
