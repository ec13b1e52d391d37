"""The comment bank: added, changed, retired, and counted when used; no part of the record.

A comment is copied into feedback, so what happens to it later reaches nobody's feedback.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from assessment.models import OUTCOMES, Comment, CommentUse
from assessment.permissions import comments as may
from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.people.models import Membership, User

LIMIT = 2000  # characters of one comment
MOST_USED = 20  # comments counted for one decision


def _checked(text: str, outcome: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise NotNow("Write the comment.")
    if len(text) > LIMIT:
        raise NotNow(f"A comment has at most {LIMIT:,} characters, and this one has {len(text):,}.")
    if outcome and outcome not in dict(OUTCOMES):
        raise NotNow("A comment is for Met, for Not yet met, or for both.")
    return text


@transaction.atomic
def add_comment(*, by: User, centre_id: int, text: str, outcome: str = "", shared: bool = False) -> Comment:
    """Keep a comment, of `by` alone or `shared` by the centre. The same one again is the one that there is.

    Raises NotYours, and NotNow for no text, too long a text, or an outcome that there is not.
    """
    verdict = (may.can_share_comments if shared else may.can_add_comment)(by, centre_id).require()
    holder: Membership = Membership.objects.select_for_update(no_key=True).get(pk=verdict.holder.pk)
    about = {"centre_id": centre_id, "owner": None if shared else holder, "outcome": outcome}
    text = _checked(text, outcome)
    kept = Comment.objects.filter(text=text, retired_at__isnull=True, **about).order_by("pk").first()
    return kept or Comment.objects.create(text=text, **about)


def _locked(by: User, comment: Comment) -> Comment:
    row: Comment = Comment.objects.select_for_update(of=("self",)).select_related("owner").get(pk=comment.pk)
    may.can_change_comment(by, row).require()
    return row


@transaction.atomic
def change_comment(*, by: User, comment: Comment, text: str, outcome: str = "") -> Comment:
    """Put other words in its place; feedback that has the old ones keeps them. Raises NotYours and NotNow."""
    row = _locked(by, comment)
    row.text, row.outcome, row.changed_at = _checked(text, outcome), outcome, clock.now()
    row.save(update_fields=("text", "outcome", "changed_at"))
    return row


@transaction.atomic
def retire_comment(*, by: User, comment: Comment) -> Comment:
    """Offer it no more. Raises NotYours, and NotNow when it was retired already."""
    row = _locked(by, comment)
    row.retired_at = clock.now()
    row.save(update_fields=("retired_at",))
    return row


_COUNT = """
INSERT INTO {table} (comment_id, user_id, unit_code, number, times, last_at)
SELECT bank.id, %s, %s, %s, 1, %s FROM {bank} bank WHERE bank.id IN ({visible})
ON CONFLICT (comment_id, user_id, unit_code, number)
DO UPDATE SET times = {table}.times + 1, last_at = excluded.last_at
"""


def count_use(*, by: User, unit_code: str, number: str, used: Sequence[uuid.UUID]) -> None:
    """Count that `by` used these comments on a criterion; what they may not use is left out. 1 statement."""
    visible = Comment.objects.visible_to(by).filter(uid__in=list(used)[:MOST_USED]).order_by().values_list("pk")
    try:
        inner, values = visible.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # nothing was used
        return
    at = connection.ops.adapt_datetimefield_value(clock.now())
    sql = _COUNT.format(table=CommentUse._meta.db_table, bank=Comment._meta.db_table, visible=inner)
    with connection.cursor() as cursor:
        cursor.execute(sql, (by.pk, unit_code, number, at, *values))
