"""What the demo's learners wrote, and what their tutor answered: one text a criterion, about an organisation of their own.

`{org}`, `{what}`, `{person}` stand for the learner's organisation, what it sells or does, and the customer followed.
"""

from __future__ import annotations

from dataclasses import dataclass


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

WORK: dict[str, tuple[str, str]] = {
    "1.1": (
        "A journey map",
        "I followed {person}, who had never heard of {org} until a friend mentioned {what}. Awareness was that sentence over "
        "lunch. Interest was ten minutes on the website, evaluation a page of prices left open for a week. The decision came "
        "with a reply to an e-mailed question, and the purchase took four minutes.\n\n"
        "After that I watched what {org} did. In the second week a short message asked whether everything was as hoped; that "
        "is retention, and it can be counted by replies. In the fifth month {person} brought a colleague along: advocacy, "
        "counted by the codes that new customers give.",
    ),
    "1.2": (
        "Tools audit",
        "{org} collects data in five places. The website counts visits and the pages people leave from. The sign-up form asks "
        "for a name, an address and one preference. The till, or the app, keeps every payment. A yearly survey asks eight "
        "questions. Staff keep a notebook at the desk. I set each beside the stage it serves: analytics for interest, the form "
        "for purchase, payments and the survey for retention. Nothing here measures advocacy, which is a gap.",
    ),
    "1.3": (
        "What the figures say",
        "I was given 412 anonymous records. Characteristics: two thirds live within five miles, and half are between 30 and 45. "
        "Behaviour: 61 of 100 came back within a month, 38 after three. Recency splits them better than age does; those who "
        "came back in the first three weeks stayed a year in four cases out of five. The records cannot say why the others "
        "left, so I would ask thirty of them before changing anything.",
    ),
    "1.4": (
        "One picture of a customer",
        "Three lists hold the same person three times at {org}: the mailing list by e-mail, the payments by card, the survey by "
        "postcode. I show how a single profile is made: e-mail first, then name with postcode, and a person decides what is "
        "left over. Of 50 records that I matched by hand, 44 agreed at once, four needed a telephone number, and two were "
        "different people at one address. Consent travels with the profile, newest answer first.",
    ),
    "1.5": (
        "Who comes first",
        "I placed the customers of {org} on two lines: what they are worth over three years, and how likely they are to leave. "
        "The corner with high worth and high risk holds 46 people. A call to each costs about four hours a week; if nine stay, "
        "the calls pay for themselves twice. The metric I would watch is the share of that corner still here after ninety "
        "days, beside a group that nobody called.",
    ),
    "2.1": (
        "How they speak to different people",
        "{org} writes to new customers weekly for a month, in short friendly lines, then monthly. People who have been there "
        "for years get one letter a quarter, with news and no offers. Families hear about weekends, students about prices. "
        "I compared two letters of the same week side by side and marked what changes: how often, what about, and the tone.",
    ),
    "2.2": (
        "Which channel is good for what",
        "I judged six methods against reach, cost, speed and warmth. E-mail reaches most and costs least, but a third is never "
        "opened. The telephone is slow to answer and best at calming somebody. Chat on the website is quick and bad at long "
        "stories. For {org} I would keep e-mail for news, chat for short questions until eight in the evening, and a call back "
        "for anything about money. The weakness of my judgement is that I only had one month of figures.",
    ),
    "2.3": (
        "Their complaints policy, judged",
        "The policy of {org} is two pages long and easy to find. It names three channels and answers within five working days. "
        "Held against ISO 10002 it is strong on access and weak on learning: nobody counts causes. There is no step for somebody "
        "who disagrees with the answer. I read four anonymous cases; two were answered late. I conclude that the promise is "
        "good and the procedure does not yet keep it.",
    ),
    "2.4": (
        "When something goes badly",
        "{org} has a plan for a power cut and for an accident, and none for a false story in the press. I reviewed roles, "
        "who speaks, what customers hear in the first hour, and what happens afterwards. The duty rota is clear. The list of "
        "telephone numbers was two years old. A rehearsal in March showed that nobody knew who may stop the service. I suggest "
        "a half-hour exercise each quarter with one surprise in it.",
    ),
    "2.5": (
        "What the CRM does for them",
        "One record holds each conversation with a customer of {org}. Because of it nobody has to tell a story twice, and the "
        "person at the desk sees that {person} asked for a pause last spring. Tasks remind staff to call back. Lists for "
        "letters are drawn in minutes. It also fails: one entry in nine has no e-mail, and two colleagues still keep their own "
        "spreadsheet, so the record is not yet the record.",
    ),
    "2.6": (
        "The community around them",
        "Around {org} there is a group online with 900 people and a Saturday morning with twenty. Newcomers get answers from "
        "others within the hour, which no help desk could afford. Regulars feel that it is theirs; eleven of them suggested the "
        "change to the opening hours. Two people look after the tone. A quarrel in May shows the risk: it stood for a day "
        "before anybody acted.",
    ),
    "2.7": (
        "From feedback to change",
        "{org} asks one question after each visit and four once a year. I followed one complaint about waiting from the card to "
        "the change: counted on Monday, discussed on Wednesday, a second person at the desk from the next week, a notice that "
        "said so. The score moved from 6.8 to 7.4. What is missing is an answer to the people who wrote; they learn of the "
        "change only if they come back.",
    ),
    "3.1": (
        "What loyalty is made of",
        "Some people stay with {org} from habit, others because they like it. Points reward the first and do little for the "
        "second. I explain the tenth-time-free card, the anniversary letter and the members' evening, and what each costs. The "
        "letter costs 60 pence and is kept on refrigerators. The card costs most and goes mainly to people who would have come "
        "anyway, which is the usual way in which such schemes disappoint.",
    ),
    "3.2": (
        "Public relations after the sale",
        "Last summer the local paper wrote about {org} twice. I compared returns in the four weeks before and after: up by a "
        "twentieth among people who were customers already, and no change among new ones. Sponsoring the school fair brought "
        "no measurable return and much goodwill. I assess the role of public relations here as keeping trust rather than "
        "winning sales, and say how far my figures can carry that.",
    ),
    "3.3": (
        "One offer for three people",
        "I rewrote the offer of {org} for three profiles. For somebody new: a first month that can be stopped at any time. For "
        "a parent short of time: the same thing on Saturdays, with a place kept. For a regular of five years: no discount, an "
        "invitation to choose what comes next. I say what data each version uses, that it was given for this, and where I "
        "stopped: nothing that would make {person} wonder how we knew.",
    ),
    "3.4": (
        "Selling and keeping",
        "At {org} an extra is offered at three moments. I analysed 300 orders: people who took an extra in the first week left "
        "more often than those who were left in peace, people who took one after three months stayed longer. Selling early "
        "earns 9 pounds and costs a fifth of a customer. The two halves belong to one plan, with the margin over a year and "
        "not the week as its measure.",
    ),
    "3.5": (
        "Strategies compared",
        "I compared {org} with a telephone company, a charity and a shop, on the same four questions: what it costs, whom it "
        "keeps, what shows that it works, where it would not fit. The telephone company keeps people by contract and loses them "
        "on the last day. The charity tells each giver what became of the gift. The shop rewards frequency. For {org} the "
        "charity's way fits best, because people stay for what they are part of; the weak point is that it is hard to measure.",
    ),
}

MET = (
    "You do what the verb asks, and the example carries it: I can see it and need not take your word. What would make it "
    "stronger still is one more figure beside the claim in your second half.",
    "Clear and to the point. The part that convinced me is where you say what your figures cannot show. Keep that habit.",
    "This holds together. You name the organisation, follow one person, and say what could be measured. Well observed.",
    "Good work. Your comparison is fair to both sides, and the conclusion follows from it rather than from a first opinion.",
)
JOURNEY_REFERRED = (
    "The first stages are alive: the lunch and the open page of prices are just what an illustration is.\n\n"
    "Two things are missing before this criterion is met.\n\n"
    "1. Carry the map past the purchase. Retention and advocacy are named, and nothing happens in them.\n"
    "2. Say at each stage what Larkspur could measure. One figure a stage is enough.\n\nKeep everything else. You are close."
)
TOOLS_REFERRED = (
    "You list five tools and describe two of them well. The verb is explain: for each of the others, say what it collects, "
    "at which stage of the journey, and what the club learns from it. The notebook at the desk deserves a sentence too."
)


def text_of(number: str, case: Case) -> tuple[str, str]:
    """Title and text of the work for a criterion, about `case`."""
    title, text = WORK[number]
    return f"{title}, {case.org}", text.format(org=case.org, what=case.what, person=case.person)
