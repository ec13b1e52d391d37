"""What all facts have in common."""

from __future__ import annotations

import uuid

from django.db import models

from courseware.kit import clock
from courseware.kit.triggers import Trigger
from courseware.people.models import Centre, Membership

UNIT_OPEN = "(SELECT u.state FROM assessment_learnerunit u WHERE u.id = {row}.learner_unit_id) <> 'in_progress'"
UNIT_CLOSED_SAYS = "the unit is not in progress: its evidence, mapping and decisions cannot change"


def while_open(*events: str) -> list[Trigger]:
    """Triggers that refuse `events` on a row with a learner_unit that is not in progress."""
    return [
        Trigger(
            f"unit_open_{event.lower()}",
            event,  # type: ignore[arg-type]  # callers pass literals
            when=UNIT_OPEN.format(row="OLD" if event == "DELETE" else "NEW"),
            says=UNIT_CLOSED_SAYS,
        )
        for event in events
    ]


def same_unit(column: str, table: str) -> Trigger:
    """A trigger that refuses a row whose `column` names a row of `table` in another learner-unit."""
    return Trigger(
        f"{column}_same_unit",
        "INSERT",
        when=(
            f"NEW.{column}_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} x "
            f"WHERE x.id = NEW.{column}_id AND x.learner_unit_id = NEW.learner_unit_id)"
        ),
        says=f"{column.replace('_', ' ')} belongs to another learner",
    )


class CentreRow(models.Model):
    """A row of the record: named by uid outside, owned by one centre."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True


class Fact(CentreRow):
    """Something that happened: who, in which role, trainee at the time, and when. Inserted, never edited."""

    by = models.ForeignKey(Membership, models.PROTECT, related_name="+", editable=False)
    role = models.CharField(max_length=10, editable=False)
    trainee = models.BooleanField(default=False, editable=False)
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True
