"""Of which texts about standardisation drafts are kept, and for whom: the words go into `drafts.ABOUT`."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet

from assessment.models import ExerciseItem, StandardisationExercise
from assessment.permissions import standardisation as may
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, User

Asks = Callable[..., Verdict | None]


def exercises(user: User) -> QuerySet[StandardisationExercise]:
    """Exercises that `user` may know of, with what their states follow from."""
    rows: QuerySet[StandardisationExercise] = StandardisationExercise.objects.visible_to(user)
    return rows.select_related("discussion", "completion")


def _item(user: User, uid: str) -> ExerciseItem | None:
    rows = ExerciseItem.objects.filter(uid=uid).select_related("learner_unit")
    item: ExerciseItem | None = rows.first()
    found = exercises(user).filter(items=item).first() if item else None
    if item is None or found is None:
        return None
    item.exercise = found
    return item


def _of_exercise(asks: Callable[[User, StandardisationExercise], Verdict]) -> Asks:
    def asked(user: User, uid: str) -> Verdict | None:
        exercise = exercises(user).filter(uid=uid).first()
        return None if exercise is None else asks(user, exercise)

    return asked


def _open(user: User, uid: str) -> Verdict | None:
    centre = Centre.objects.visible_to(user).filter(uid=uid).first()
    return None if centre is None else may.can_open_exercise(user, centre.pk)


def _judge(user: User, uid: str) -> Verdict | None:
    item = _item(user, uid)
    return None if item is None else may.can_judge(user, item)


def _agree(user: User, uid: str) -> Verdict | None:
    item = _item(user, uid)
    return None if item is None else may.can_record_discussion(user, item.exercise)


ABOUT_STANDARDISATION: dict[str, tuple[int, Asks]] = {
    "exercise": (1, _open),  # centre: why an exercise is held
    "judgement": (1, _judge),  # item of an exercise: what makes it Met or Not yet met
    "early": (1, _of_exercise(lambda user, one: may.can_open_discussion(user, one, missing=1))),  # exercise: why now
    "agreed": (1, _agree),  # item of an exercise: why this was agreed
    "minutes": (1, _of_exercise(may.can_record_discussion)),  # exercise: notes of a meeting
    "practice": (1, _of_exercise(may.can_record_discussion)),  # exercise: what changes
}
