"""Today: what waits for each role, in which order, one click away, and nothing for anybody else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.people_builders import make_centre, make_member

pytestmark = pytest.mark.django_db

ROLES = ("learner", "tutor", "iqa", "lead_iqa", "eqa", "admin")


def test_somebody_with_every_role_pays_twelve_statements_at_most() -> None:
    centre = make_centre()
    cohort = make.cohort(centre)
    everything = make_member(centre, *ROLES)
    for role in ("tutor", "iqa", "eqa"):
        make.allocation(cohort, everything, role)
    own = make.learner_unit(cohort, everything)
    make.mapped(own, make.criteria(own)[0])
    other = make.learner_unit(cohort)
    make.submission(other)
    client = Client()
    client.force_login(make.fresh(everything.user))
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    assert len(asked) == 12
