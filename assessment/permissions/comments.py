"""May she add to the comment bank, and change what is in it?"""

from __future__ import annotations

from assessment.models import Comment
from courseware.kit.verdict import Verdict, not_now, not_yours, yes
from courseware.people.models import User
from courseware.people.standing import standing_of

from .base import as_role

SHARED = "The centre's comments are kept by the lead IQA, and by administrators who are tutors too."


def can_add_comment(user: User, centre_id: int) -> Verdict:
    """Keep comments of one's own at a centre: its tutors."""
    return as_role(user, centre_id, ("tutor",), "The comment bank is for tutors.")


def can_share_comments(user: User, centre_id: int) -> Verdict:
    """Add to the centre's comments, change and retire them: its lead IQA, or an administrator who is a tutor too."""
    standing = standing_of(user)
    if standing.has(centre_id, "lead_iqa"):
        return yes("lead_iqa", standing.membership_in(centre_id))
    if standing.has(centre_id, "admin") and standing.has(centre_id, "tutor"):
        return yes("admin", standing.membership_in(centre_id))
    return not_yours(SHARED)


def can_change_comment(user: User, comment: Comment) -> Verdict:
    """Change or retire a comment: whose it is, or who keeps the centre's. Needs `owner` joined."""
    if comment.retired_at is not None:
        return not_now("This comment was retired. Feedback that it was copied into stays as it is.")
    if comment.owner is None:
        return can_share_comments(user, comment.centre_id)
    if comment.owner.user_id != user.pk:
        return not_yours("This comment is another tutor's.")
    return can_add_comment(user, comment.centre_id)
