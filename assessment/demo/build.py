"""The demo: two centres, three cohorts, thirty learners at every stage, built by the real verbs at past instants."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max

from assessment.models import NoticeCursor
from content.models import Specification, UnitEdition
from courseware.kit import clock
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Centre, User

from . import calder_vale, northgate
from .builder import Builder, tell

CENTRE = calder_vale.NAME
OTHER = northgate.NAME
LATELY = dt.timedelta(days=10)
SIGN_INS = (
    ("learner@demo.example", "learner: Maya Okafor"),
    ("learner2@demo.example", "learner: Tom Whitfield"),
    ("tutor@demo.example", "tutor: Daniel Hughes"),
    ("trainee@demo.example", "trainee tutor: Aisha Khan"),
    ("iqa@demo.example", "IQA: Helen Ashworth"),
    ("lead@demo.example", "lead IQA: Martin Osei"),
    ("admin@demo.example", "centre administrator: Priya Nair"),
    ("eqa@demo.example", "EQA: Ruth Bell"),
    ("learner@other.example", "learner at the second centre: Sam Doyle"),
    ("tutor@other.example", "tutor at the second centre: Leah Morris"),
)


def is_built() -> bool:
    """Whether the demo stands."""
    return Centre.objects.filter(name=CENTRE, demo=True).exists()


def specification() -> Specification:
    """The newest specification of Unit 412. Raises DoesNotExist when no edition is loaded."""
    return UnitEdition.objects.filter(unit__code="412", unit__owner__isnull=True).latest("number").specification


def build(password: str) -> None:
    """Both centres, from seven months ago to yesterday; every sign-in gets `password`."""
    spec, now = specification(), clock.now()
    first, second = Builder(now, spec), Builder(now, spec)
    tell(now, [*calder_vale.stories(first), *northgate.stories(second)])
    _tell_the_latest(now - LATELY)
    set_password(password)


def _tell_the_latest(since: dt.datetime) -> None:
    """Let people be told of what happened since then only, by the worker; months of news would bury them."""
    for centre in Centre.objects.filter(demo=True).order_by("pk"):
        before = LedgerEntry.objects.filter(chain=centre.uid, at__lt=since)
        NoticeCursor.objects.create(chain=centre.uid, number=before.aggregate(last=Max("number"))["last"] or 0)


def set_password(password: str) -> None:
    """Give every sign-in of the demo this password."""
    for account in User.objects.filter(email__in=[email for email, _ in SIGN_INS]).order_by("pk"):
        account.set_password(password)
        account.save(update_fields=("password",))
