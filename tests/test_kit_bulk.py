"""Rows that differ in little are inserted without an object of each, and are the rows that they would have been."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.models import Body
from courseware.kit.bulk import at_once, insert_alike
from tests import make

pytestmark = pytest.mark.django_db


def test_rows_are_those_that_objects_would_have_made() -> None:
    centre = make.cohort().centre
    uids = [uuid.uuid4() for _ in range(3)]
    same = {"centre_id": centre.pk, "salt": "ab", "text": "Æ ' %s", "digest": "0" * 64}
    there = Body.objects.count()
    assert insert_alike(Body, same, ("uid",), ((uid,) for uid in uids)) == 3
    assert Body.objects.count() == there + 3
    made = Body.objects.filter(uid__in=uids)
    assert set(made.values_list("uid", flat=True)) == set(uids)
    assert set(made.values_list(*same)) == {tuple(same.values())}
    assert insert_alike(Body, same, ("uid",), []) == 0


def test_many_take_a_statement_for_each_part() -> None:
    centre = make.cohort().centre
    same = {"centre_id": centre.pk, "salt": "", "text": "x", "digest": ""}
    with CaptureQueriesContext(connection) as caught:
        insert_alike(Body, same, ("uid",), ((uuid.uuid4(),) for _ in range(at_once(connection) + 1)))
    assert len(caught) == 2


def test_a_column_left_out_or_unknown_is_refused_and_nothing_is_made() -> None:
    centre = make.cohort().centre
    same = {"centre_id": centre.pk, "salt": "", "text": "x", "digest": ""}
    before = Body.objects.count()
    for columns in ({"salt": ""}, {**same, "other": 1}, {**same, "uid": uuid.uuid4()}):
        with pytest.raises(ValueError, match=r"columns of assessment\.Body"):
            insert_alike(Body, columns, ("uid",), [(uuid.uuid4(),)])
    assert Body.objects.count() == before
