"""Who: accounts hold credentials, memberships say what a person is in a centre."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import Exact

from courseware.kit import clock
from courseware.kit.triggers import Event, Trigger, guarded

from .periods import in_force

ROLES = (
    ("learner", "Learner"),
    ("tutor", "Tutor"),
    ("iqa", "IQA"),
    ("lead_iqa", "Lead IQA"),
    ("eqa", "EQA"),
    ("admin", "Centre administrator"),
)
LONGEST_TURNAROUND = 60  # working days

# Of whom a centre asks a second step at sign-in.
SECOND_STEP = (("nobody", "Nobody has to"), ("staff", "Everybody but learners"), ("everybody", "Everybody"))


class UserManager(BaseUserManager["User"]):
    """Accounts are made by e-mail address; addresses are kept in lower case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The account with this address, in any case; raises User.DoesNotExist."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new account; without a password nobody can sign in to it until one is set by link."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Credentials, and what follows the person rather than a centre."""

    THEMES = (("", "Same as device"), ("light", "Light"), ("dark", "Dark"))

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)
    theme = models.CharField(max_length=5, choices=THEMES, blank=True, default="")
    single_keys = models.BooleanField(default=True, db_default=True)  # whether a single key acts (WCAG 2.1.4)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case"),)

    def __str__(self) -> str:
        return self.email


def _held_by(user: Any, *roles: str) -> models.QuerySet[RoleGrant]:
    """The grants in force of `user` (none for anonymous or inactive), of any role or of `roles`: for subqueries."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return RoleGrant.objects.none()
    grants = RoleGrant.objects.filter(in_force(), in_force("membership__"), membership__user=user)
    return grants.filter(role__in=roles) if roles else grants


class CentreQuerySet(models.QuerySet["Centre"]):
    """Centres, by who may know of them."""

    def visible_to(self, user: Any) -> CentreQuerySet:
        """The centres where `user` holds a role now."""
        return self.filter(pk__in=_held_by(user).order_by().values("membership__centre"))


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, by who may know of them."""

    def visible_to(self, user: Any) -> MembershipQuerySet:
        """One's own in force, and everybody's, ended ones too, in the centres where `user` is an administrator."""
        return self.filter(
            Q(pk__in=_held_by(user).order_by().values("membership"))
            | Q(centre__in=_held_by(user, "admin").order_by().values("membership__centre"))
        )


@guarded(Trigger("no_delete", "DELETE", says="a centre is never deleted"))
class Centre(models.Model):
    """The approved organisation; every assessment row belongs to one."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    zone = models.CharField(max_length=60, default="Europe/London")
    turnaround_days = models.PositiveSmallIntegerField(
        default=10, db_default=10
    )  # working days from hand-in to feedback
    demo = models.BooleanField(default=False, editable=False)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    second_step = models.CharField(max_length=10, choices=SECOND_STEP, default="nobody", db_default="nobody")

    objects = CentreQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(turnaround_days__gte=1) & Q(turnaround_days__lte=LONGEST_TURNAROUND),
                name="centre_turnaround_in_reason",
            ),
            models.CheckConstraint(
                condition=Q(second_step__in=[key for key, _ in SECOND_STEP]), name="centre_second_step_known"
            ),
        )

    def __str__(self) -> str:
        return self.name


@guarded(Trigger("no_delete", "DELETE", says="a membership ends; it is never deleted"))
class Membership(models.Model):
    """What one account is in one centre: the name known there, whether a trainee tutor or an author; roles are grants.

    One per account and centre for ever, so that "the same person" is "the same membership" in every rule of the
    record; somebody who comes back gets new grants.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="memberships")
    name = models.CharField(max_length=120)
    uln = models.CharField("ULN", max_length=10, blank=True, default="")
    trainee = models.BooleanField("trainee tutor", default=False)
    author = models.BooleanField("unit author", default=False, db_default=False)
    countersigner = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="countersigns_for")
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("user", "centre"), name="membership_once_per_centre"),
            models.CheckConstraint(condition=~Q(countersigner=F("pk")), name="membership_never_own_countersigner"),
            models.UniqueConstraint(
                fields=("centre", "uln"), condition=~Q(uln=""), name="membership_uln_once_per_centre"
            ),
            models.CheckConstraint(
                condition=Q(uln="") | Q(Exact(Length("uln"), 10)), name="membership_uln_of_ten_digits"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="membership_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.name


def _never_twice(event: Event) -> Trigger:
    """Refuses a grant of a role for a time in which the membership has it by another grant."""
    return Trigger(
        f"never_twice_{event.lower()}",
        event,
        when=(
            "EXISTS (SELECT 1 FROM people_rolegrant g WHERE g.membership_id = NEW.membership_id AND g.role = NEW.role "
            "AND g.id <> NEW.id AND (g.ends_at IS NULL OR (g.ends_at > NEW.starts_at AND g.ends_at > g.starts_at)) "
            "AND (NEW.ends_at IS NULL OR g.starts_at < NEW.ends_at))"
        ),
        says="this role is held in that time already",
    )


@guarded(
    Trigger("no_delete", "DELETE", says="a role ends; it is never deleted"),
    _never_twice("INSERT"),
    _never_twice("UPDATE"),
)
class RoleGrant(models.Model):
    """One role of a membership, from and until; either may lie ahead. Never twice at one time."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=10, choices=ROLES)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("membership", "role", "starts_at")
        constraints = (
            models.UniqueConstraint(
                fields=("membership", "role"), condition=Q(ends_at__isnull=True), name="role_open_once"
            ),
            models.CheckConstraint(condition=Q(role__in=[key for key, _ in ROLES]), name="role_known"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="role_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.membership}: {self.get_role_display()}"


ENDINGS = (("accepted", "Accepted"), ("withdrawn", "Withdrawn"), ("replaced", "Replaced by a newer one"))


@guarded(Trigger("no_delete", "DELETE", says="an invitation ends; it is never deleted"))
class Invitation(models.Model):
    """One letter that asks somebody into a centre: the newest of a membership is the one that counts.

    It says nothing of the account behind the address: whether the letter holds a link or asks to sign in, and whether
    there was an account before, look the same from here. Accepted is whoever signs in after it was written.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="invitations")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    written_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=9, choices=ENDINGS, blank=True, default="")

    class Meta:
        ordering = ("membership", "-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("membership",), condition=Q(ended_at__isnull=True), name="invitation_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="")
                | Q(ended_at__isnull=False, ended_as__in=[key for key, _ in ENDINGS]),
                name="invitation_ends_as_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.membership}: invited"


class Session(AbstractBaseSession):
    """Somebody signed in on one device, or a browser that has not signed in; see `sessions.SessionStore`.

    `uid` names it on pages: the key itself is a secret. It is not unique, because a key is changed by making the new
    row before the old one goes.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, db_constraint=False, related_name="sessions")
    uid = models.UUIDField(null=True, db_index=True)
    agent = models.CharField(max_length=300, blank=True, default="")
    address = models.GenericIPAddressField(null=True)
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-seen_at", "pk")

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        """What reads and writes these rows."""
        from .sessions import SessionStore

        return SessionStore
