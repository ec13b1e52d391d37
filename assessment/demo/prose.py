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
MILLRACE = Case("Millrace Theatre", "season tickets", "Dorothy")
GREENGATE = Case("Greengate Garden Club", "monthly plant boxes", "Imran")
HOLLIN = Case("Hollin Gym", "off-peak memberships", "Bethan")
FOXGLOVE = Case("Foxglove Nursery", "childcare places", "Yusuf's mother")
CANALSIDE = Case("Canalside Cycles", "service plans", "Wes")
LANTERN = Case("Lantern Film House", "film club cards", "Agnieszka")
HIGHFELL = Case("Highfell Water Sports", "weekend courses", "Gwen")
SADDLER = Case("Saddler's Bakery", "bread subscriptions", "Mr Ahmed")
QUARRY = Case("Quarry Bank Museum Friends", "yearly memberships", "Ruth")


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

TROUBLE = (
    (
        "You have chosen an organisation that you know well, and that will help you. At the moment the page names "
        "seven stages and shows none of them. Choose one customer and follow them through all seven, a sentence each."
    ),
    (
        "Better: there is a customer now, and the first three stages are shown. The other four are still headings. "
        "What happened after the first visit? Ask the person you followed; ten minutes on the telephone would do."
    ),
    (
        "The middle of the map has come on. Retention and advocacy are empty, as last time. I have put half an hour "
        "aside on Thursday at five: bring the map, and we fill them in together."
    ),
)
POLICY_REFERRED = (
    "You describe the policy faithfully. The verb is evaluate: judge it, on points that you name. Is it easy to find, "
    "are the times kept, who decides in the end? Then say which of these weighs most, and why."
)
CRISIS_REFERRED = (
    "You tell well what happened on the day. The verb is review, and it asks for a look back: which part of the "
    "procedure worked, which did not, and what should be different. Two paragraphs on that are missing."
)
OUTCOME_ONE_REFERRED = (
    "You show the figures and say what each one is. The verb is analyse: say what they mean together. Who leaves, "
    "when, and what do those people have in common?"
)
CRISIS_NOT_AGREED = (
    "The work tells what happened and does not review the procedure: nothing says what worked or should change. On "
    "this evidence I cannot agree with Met."
)
COMPARISON_NOT_AGREED = (
    "Two of the three organisations are described on different points, so nothing is compared. I read the decision as "
    "Met for effort. The evidence does not evaluate yet."
)
POLICY_ADVICE = "Agreed. It would help the next learner if the feedback named the standard that the policy is held to."
REPORT_GOOD = "Decisions are secure, the plan was followed, and each learner is told what their own work shows."
REPORT_FEEDBACK = "Feedback of one sentence helps nobody to do it again. Name the part of the work that convinced you."
REPORT_EVIDENCE = "Ask for the review when a criterion says review; an account of the day alone was not sufficient."
FIGURES_ACTION = "The outcome stands. The feedback on 1.3 is one sentence and names nothing in the work."
FIGURES_TO_DO = "Write to the learner what in the analysis convinced you, and note it on the record."
FIGURES_DONE = "I have written to her: the split by recency is what carries the analysis. A note is on the record."
CRISIS_TO_DO = "Ask for the review itself, and mark it again once the unit is reopened."
CRISIS_SUPERSEDED = (
    "This replaces my decision of last month. Your account of the day is good. What the criterion asks for on top is "
    "the review: what worked, what did not, and what you would change. Add that and hand it in again."
)
CRISIS_DONE = "Marked again: the learner added the review, and it now judges the procedure point by point."
COMPARISON_TO_DO = "Say which points of comparison each organisation was judged on, or mark it again."
AUTHENTICITY_HOLD = (
    "The witness statement for 2.6 has no date and no signature. I have asked the witness; no sign-off until then."
)
WRONG_FILE = (
    "The file is the workbook of another unit. Nothing was marked and no attempt is used. Hand in the right one."
)
MORE_TIME = "You work nights until the end of the month, as your employer's letter says. Three weeks more."
MOVED_AWAY = "She has moved and cannot come to the sessions. She asked to stop, by e-mail on the same day."


def text_of(number: str, case: Case) -> tuple[str, str]:
    """Title and text of the work for a criterion, about `case`."""
    title, text = WORK[number]
    return f"{title}, {case.org}", text.format(org=case.org, what=case.what, person=case.person)
