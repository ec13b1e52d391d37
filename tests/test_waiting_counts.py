"""What the navigation counts for quality assurers is what the lists hold."""

from __future__ import annotations

import pytest

from assessment.readings import waiting
from courseware.people.models import User
from tests import make

pytestmark = pytest.mark.django_db


def counted(user: User, centre_id: int) -> int:
    return User.objects.filter(pk=user.pk).values_list(waiting.quality_count(user, centre_id), flat=True).get()


def test_the_count_is_that_of_the_lists() -> None:
    cohort = make.cohort()
    tutor, iqa, other = (make.staff(cohort, role) for role in ("tutor", "iqa", "iqa"))
    lead = make.staff(cohort, "lead_iqa")
    make.signed_off(make.learner_unit(cohort), tutor.user)
    assert [counted(one.user, cohort.centre_id) for one in (iqa, other, lead)] == [0, 0, 0]
    make.item(cohort, iqa, lead)
    make.plan(cohort, iqa)  # for the lead to approve
    assert [counted(one.user, cohort.centre_id) for one in (iqa, other, lead)] == [1, 0, 1]
    assert counted(lead.user, cohort.centre_id) == waiting.plans_to_approve(lead.user).count()
