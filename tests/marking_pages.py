"""What the tests of marking share: a scene, a signed-in browser, and the desk's form as the page gives it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import Body, Cohort, CriterionStatus, Decision, LearnerUnit, Submission
from content.models import Criterion
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make

SMALL = Path(__file__).parent / "units/101"
TEXT = "You name each stage, and the example shows it."


def signed_in(member: Membership | User) -> Client:
    """A browser in which this person has signed in."""
    client = Client()
    client.force_login(make.fresh(member.user if isinstance(member, Membership) else member))
    return client


@dataclass
class Scene:
    """One learner who handed in two criteria, and the tutor of the cohort."""

    cohort: Cohort
    tutor: Membership
    unit: LearnerUnit
    submission: Submission
    first: Criterion
    second: Criterion

    def desk(self, criterion: Criterion | None = None) -> str:
        """The desk's address."""
        return reverse("marking-desk", args=(self.submission.uid, (criterion or self.first).number))

    def decided(self) -> int:
        """How many decisions the learner-unit has."""
        return Decision.objects.filter(learner_unit=self.unit).count()


def small_cohort() -> Cohort:
    """A cohort on the unit of three criteria."""
    return make.cohort(spec=make.specification(SMALL))


def scene(**more: Any) -> Scene:
    """A learner who handed in 1.1 and 1.2 to the cohort's tutor."""
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor", name="Daniel Hughes", **more)
    unit = make.learner_unit(cohort, name="Maya Okafor")
    first, second, *_ = make.criteria(unit)
    return Scene(cohort, tutor, unit, make.submission(unit, first, second), first, second)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms, but the token."""
    found = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def form_of(client: Client, address: str, **typed: str) -> dict[str, str]:
    """What the page's form would send, with what a person typed; Not yet met has a reason unless one is typed."""
    reason = {"reason": "insufficient"} if typed.get("outcome") == "not_yet_met" else {}
    return hidden(client.get(address).content.decode()) | reason | typed


def record(client: Client, address: str, outcome: str = "met", feedback: str = TEXT, **more: str) -> Any:
    """Open the desk, choose, write, press Record."""
    return client.post(address, form_of(client, address, outcome=outcome, feedback=feedback, **more))


def facts() -> tuple[Any, ...]:
    """Everything that a refused decision must leave as it was."""
    return (
        list(Decision.objects.order_by("pk").values_list("uid", "outcome", "supersedes")),
        list(Submission.objects.order_by("pk").values_list("pk", "state")),
        list(LearnerUnit.objects.order_by("pk").values_list("pk", "state")),
        list(CriterionStatus.objects.order_by("pk").values_list("pk", "status", "learner_status", "current")),
        Body.objects.count(),
        LedgerEntry.objects.count(),
    )


# The rows of a choice among models come through a cursor of the server on PostgreSQL, which nothing counts.
BY_CURSOR = int(connection.vendor == "postgresql")


def statements(client: Client, address: str, **sent: Any) -> int:
    """SELECT, INSERT, UPDATE and DELETE statements of one request; BEGIN, COMMIT and savepoints are not counted."""
    with CaptureQueriesContext(
        connection,
    ) as caught:
        answer = client.post(address, sent) if sent else client.get(address)
    assert answer.status_code in (200, 303), answer.status_code
    counted = [query["sql"] for query in caught.captured_queries]
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
    return sum(sql.lstrip(" (").split(None, 1)[0] in kinds for sql in counted)  # PostgreSQL puts a union in brackets
