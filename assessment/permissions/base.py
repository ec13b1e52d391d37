"""Who a person is to a learner-unit: the answer that every other question starts from."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Value

from assessment.models import LearnerUnit, written
from assessment.models.querysets import LearnerUnitQuerySet
from courseware.kit.verdict import Verdict, not_yours, yes
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

RESPONSIBLE = ("tutor", "iqa", "eqa")


def with_responsibilities(query: Any, user: User) -> Any:
    """`query` over learner-units, each annotated with `_as_tutor`, `_as_iqa`, `_as_eqa` for `user` (`_as_whom`).

    With `_close`, whether they declared an interest in its learner (where they are a tutor anywhere), and for an EQA
    with `_visit`, the id of their visit that opens it now.
    """
    standing = standing_of(user)
    marks: dict[str, Any] = {"_as_whom": Value(user.pk)}
    for role in RESPONSIBLE:
        holds = bool(standing.centres_as(role))
        marks[f"_as_{role}"] = (
            ExpressionWrapper(LearnerUnitQuerySet.allocated(user, role), output_field=BooleanField())
            if holds
            else Value(value=False)
        )
    marks["_close"] = written.interested(user.pk) if standing.centres_as("tutor") else Value(value=False)
    if standing.centres_as("eqa"):
        marks["_visit"] = LearnerUnitQuerySet.visit_to(user)
    return query.annotate(**marks)


def responsibilities(user: User, learner_unit: LearnerUnit) -> frozenset[str]:
    """The roles in which `user` is responsible for `learner_unit` now; one query, unless it was read with them."""
    known: dict[int, frozenset[str]] = learner_unit.__dict__.setdefault("_responsibilities", {})
    if user.pk not in known:
        row = learner_unit
        if row.__dict__.get("_as_whom") != user.pk:  # read for nobody, or for somebody else
            row = with_responsibilities(LearnerUnit.objects.filter(pk=learner_unit.pk), user).order_by().get()
            learner_unit.__dict__["_visit"] = row.__dict__.get("_visit")
        learner_unit.__dict__.setdefault("_interested", {})[user.pk] = row.__dict__.get("_close")
        known[user.pk] = frozenset(role for role in RESPONSIBLE if getattr(row, f"_as_{role}"))
    return known[user.pk]


def is_close(user: User, learner_unit: LearnerUnit) -> bool:
    """Whether `user`, a tutor, declared an interest in this learner that is in force. Read with `responsibilities`."""
    responsibilities(user, learner_unit)
    known: bool | None = learner_unit.__dict__["_interested"][user.pk]
    if known is None:  # the unit was read with the roles alone
        known = LearnerUnit.objects.filter(written.interested(user.pk), pk=learner_unit.pk).exists()
    return known


def holder_in(user: User, centre_id: int) -> Membership | None:
    """The membership in force with which `user` acts in a centre."""
    return standing_of(user).membership_in(centre_id)


def as_role(user: User, centre_id: int, roles: tuple[str, ...], otherwise: str) -> Verdict:
    """Yes in the first of `roles` that `user` holds in the centre; else not yours, with the sentence `otherwise`."""
    standing = standing_of(user)
    for role in roles:
        if standing.has(centre_id, role):
            return yes(role, standing.membership_in(centre_id))
    return not_yours(otherwise)


def as_tutor(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Whether `user` is an allocated tutor of this learner, and not the learner."""
    holder = holder_in(user, learner_unit.centre_id)
    if holder is None or "tutor" not in responsibilities(user, learner_unit):
        return not_yours("Only a tutor allocated to this learner can do this.")
    if holder.pk == learner_unit.learner_id:
        return not_yours("Nobody assesses their own work.")
    return yes("tutor", holder)


def as_learner(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Whether this is `user`'s own learner-unit, and they are a learner of the centre now."""
    holder = holder_in(user, learner_unit.centre_id)
    if holder is None or holder.pk != learner_unit.learner_id:
        return not_yours("Only the learner can do this.")
    if not standing_of(user).has(learner_unit.centre_id, "learner"):
        return not_yours("You are not a learner at this centre any more. You can still read and export your portfolio.")
    return yes("learner", holder)
