"""A statement is written once for a shape, asked with whatever comes, and gives what its queryset gives."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from courseware.kit import clock, statements
from courseware.kit.statements import Statement, Text, statement
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.standing import standing_of
from tests.people_builders import make_centre, make_member

pytestmark = pytest.mark.django_db


@statement
def named(*, uid: uuid.UUID) -> QuerySet[Centre]:
    """One centre."""
    return Centre.objects.filter(uid=uid).order_by("pk")


def test_rows_are_those_of_the_queryset_for_every_value() -> None:
    first, second = make_centre("Mill Lane"), make_centre("Abbey Road")
    for centre in (first, second, first):
        assert [one.name for one in named(uid=centre.uid)] == [centre.name]
    assert named(uid=uuid.uuid4()) == []
    assert named.first(uid=uuid.uuid4()) is None


def test_a_statement_is_put_together_once_for_a_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def build(numbers: tuple[int, ...]) -> QuerySet[Centre, str]:
        built.append(numbers)
        return Centre.objects.filter(pk__in=numbers).order_by("pk").values_list("name", flat=True)

    monkeypatch.setattr(statements, "_watching", [])
    asked = Statement(build)
    one, two = make_centre("One"), make_centre("Two")
    assert asked((one.pk, two.pk)) == ["One", "Two"]
    writing = len(built)
    assert asked((two.pk, one.pk)) == ["One", "Two"]
    assert len(built) == writing
    assert asked((two.pk,)) == ["Two"]
    assert len(built) == 2 * writing


def test_rows_come_in_every_form_that_a_queryset_has() -> None:
    centre = make_centre("Mill Lane")
    member = make_member(centre, "tutor", name="Asa Hart")

    @statement
    def rows(pk: int) -> QuerySet[Membership]:
        return Membership.objects.filter(pk=pk).select_related("centre", "user").annotate(_two=Value(2)).order_by("pk")

    @statement
    def words(pk: int) -> QuerySet[Any, Any]:
        return Membership.objects.filter(pk=pk).order_by("pk").values("name", "uid", here=F("centre__name"))

    @statement
    def pairs(pk: int) -> QuerySet[Any, Any]:
        return Membership.objects.filter(pk=pk).order_by("starts_at").values_list("uid", "starts_at")

    found = rows(member.pk)[0]
    with CaptureQueriesContext(connection) as more:
        assert (found, found.centre, found.user, found._two) == (member, centre, member.user, 2)
    assert len(more) == 0
    assert found._state.db == "default"
    assert words(member.pk) == [{"name": "Asa Hart", "uid": member.uid, "here": "Mill Lane"}]
    assert pairs(member.pk) == [(member.uid, member.starts_at)]


def test_columns_that_only_sort_are_no_part_of_a_row() -> None:
    make_centre("Mill Lane")

    @statement
    def zones() -> QuerySet[Any, Any]:
        return Centre.objects.order_by("name").values_list("zone").distinct()

    assert zones() == [("Europe/London",)]


def test_moments_days_texts_and_nothing_are_filled_in() -> None:
    centre = make_centre("Mill Lane")
    begun = Membership.objects.get(pk=make_member(centre, "tutor", name="Asa Hart").pk).starts_at

    @statement
    def since(at: dt.datetime, day: dt.date, name: str, uid: uuid.UUID | None) -> QuerySet[Any, Any]:
        rows = Membership.objects.filter(starts_at__lte=at, starts_at__date__lte=day, name=name).order_by("pk")
        return (rows.filter(uid=uid) if uid else rows).values_list("name", flat=True)

    tomorrow = begun.date() + dt.timedelta(days=1)
    assert since(begun, tomorrow, Text("Asa Hart"), None) == ["Asa Hart"]
    assert since(begun, tomorrow, Text("Asa Hurt"), None) == []
    assert since(begun - dt.timedelta(seconds=1), tomorrow, Text("Asa Hart"), None) == []
    assert since(begun, begun.date() - dt.timedelta(days=1), Text("Asa Hart"), None) == []
    assert since(begun, tomorrow, Text("Asa Hart"), uuid.uuid4()) == []
    assert len(since.written) == 2


def test_the_present_moment_is_filled_in_too() -> None:
    centre = make_centre("Mill Lane")
    grant = RoleGrant.objects.filter(membership=make_member(centre, "tutor")).order_by("pk")[0]

    @statement
    def held() -> QuerySet[Any, Any]:
        begun = RoleGrant.objects.filter(starts_at__lte=clock.now(), role="tutor")
        return begun.order_by("pk").values_list("pk", flat=True)

    assert held() == [grant.pk]
    with clock.travel(grant.starts_at - dt.timedelta(seconds=1)):
        assert held() == []


def test_who_asks_is_a_shape_of_roles_and_the_values_of_their_memberships() -> None:
    mill, abbey = make_centre("Mill Lane"), make_centre("Abbey Road")
    tutor, other = make_member(mill, "tutor").user, make_member(abbey, "tutor").user

    @statement
    def taught(user: User) -> QuerySet[Any, Any]:
        centres = standing_of(user).centres_as("tutor")
        return Centre.objects.filter(pk__in=centres).order_by("name").values_list("name", flat=True)

    assert (taught(tutor), taught(other)) == (["Mill Lane"], ["Abbey Road"])
    assert len(taught.written) == 1
    make_member(abbey, "learner", email=tutor.email)
    assert taught(tutor) == ["Mill Lane"]
    tutor.is_active = False
    assert taught(tutor) == []
    trainee = make_member(mill, "tutor", trainee=True, countersigner=make_member(mill, "tutor"))
    assert taught(trainee.user) == ["Mill Lane"]
    assert len(taught.written) == 4


def test_what_can_find_nothing_asks_nothing() -> None:
    @statement
    def none(pk: int) -> QuerySet[Centre]:
        return Centre.objects.filter(pk__in=()).filter(pk=pk).order_by("pk")

    with CaptureQueriesContext(connection) as asked:
        assert none(1) == []
    assert len(asked) == 0


def test_what_a_function_makes_of_a_value_is_refused() -> None:
    @statement
    def shifted(pk: int) -> QuerySet[Centre]:
        return Centre.objects.filter(pk=pk + 1).order_by("pk")

    @statement
    def written_in(pk: int) -> QuerySet[Any]:
        return Centre.objects.extra(where=[f"id = {pk}"]).order_by("pk")

    @statement
    def chosen(pk: int) -> QuerySet[Any]:
        odd = pk < 4_000_000_000_000_000_000
        return Centre.objects.filter(Q(pk=pk) if odd else Q(pk__gte=pk)).order_by("pk")

    with pytest.raises(TypeError, match="of a value: it could not be filled in again"):
        shifted(1)
    with pytest.raises(TypeError, match="writes another statement for other values"):
        written_in(1)
    with pytest.raises(TypeError, match="asks what was not meant"):
        chosen(1)


def test_the_suite_sees_what_hangs_on_something_that_was_not_given() -> None:
    order = ["name"]

    @statement
    def centres() -> QuerySet[Centre]:
        return Centre.objects.order_by(*order)

    centres()
    order[0] = "-name"
    with pytest.raises(TypeError, match="asks what was not meant"):
        centres()


def test_the_suite_compares_three_times_on_a_day_and_anew_in_every_file() -> None:
    built: list[Any] = []

    @statement
    def rows(name: Text, since: dt.datetime | None = None) -> QuerySet[Any]:
        built.append(name)
        return Centre.objects.filter(name=name, **({"made_at": since} if since else {})).order_by("pk")

    def compared(*given: Any) -> list[bool]:
        before = [len(built)]
        for _ in range(4):
            rows(*given)
            before.append(len(built))
        return [one < other for one, other in itertools.pairwise(before)]

    mill, abbey, now = Text("Mill Lane"), Text("Abbey Road"), clock.now()
    assert compared(mill) == [True, True, True, True]  # written, then compared
    assert compared(abbey) == [False, False, False, False]
    with statements.watched():
        assert compared(mill) == [True, True, True, False]
    with clock.travel(now - dt.timedelta(days=1)):
        assert compared(mill) == [True, True, True, False]
    assert compared(mill) == [False, False, False, False]
    assert compared(mill, now) == [True, True, True, True]


def test_the_suite_sees_a_function_that_asks_the_database_itself() -> None:
    make_centre("Mill Lane")

    @statement
    def named_first(pk: int) -> QuerySet[Any]:
        first = Centre.objects.order_by("name").values_list("name", flat=True)[0]
        return Centre.objects.filter(pk=pk, name=first).order_by("pk")

    with pytest.raises(TypeError, match="asks the database itself"):
        named_first(1)


def test_other_kinds_of_rows_are_refused() -> None:
    @statement
    def named_rows() -> QuerySet[Any, Any]:
        return Centre.objects.order_by("pk").values_list("name", named=True)

    with pytest.raises(TypeError, match="NamedValuesListIterable are not read here"):
        named_rows()


def test_rows_without_an_order_are_turned_round_by_the_suite_only(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [(make_centre(name).pk, "Europe/London") for name in ("One", "Two")]

    @statement
    def rows() -> QuerySet[Any, Any]:
        # Two columns that no index holds together: the rows come as they lie in the table.
        return Centre.objects.order_by().values_list("pk", "zone")

    assert rows() == made[::-1]
    monkeypatch.setattr(statements, "_watching", [])
    assert rows() == made


def test_shapes_are_not_kept_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_SHAPES", 2)
    centre = make_centre("Mill Lane")

    @statement
    def by(column: str) -> QuerySet[Any, Any]:
        return Centre.objects.order_by(column).values_list("pk", flat=True)

    for column in ("name", "pk", "uid", "name"):
        assert by(column) == [centre.pk]
        assert len(by.written) <= 2


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_inside_a_transaction_only() -> None:
    centre = make_centre("Mill Lane")

    @statement
    def locked(pk: int) -> QuerySet[Any, Any]:
        return Centre.objects.select_for_update().filter(pk=pk).order_by("pk").values_list("name", flat=True)

    with transaction.atomic():
        assert locked(centre.pk) == ["Mill Lane"]
    with pytest.raises(TransactionManagementError):
        locked(centre.pk)


def test_a_condition_is_read_as_the_truth_that_it_is() -> None:
    make_centre("Mill Lane")

    @statement
    def known(name: str) -> QuerySet[Any, Any]:
        condition = ExpressionWrapper(Q(name=name), output_field=BooleanField())
        return Centre.objects.annotate(_is=condition).order_by("pk").values_list("_is", flat=True)

    assert known(Text("Mill Lane"))[0] is True
    assert known(Text("Abbey Road"))[0] is False


class Wide(int):
    """A number that says how wide it is, as a database's own do."""


def test_a_number_may_be_dressed_for_the_database() -> None:
    centre = make_centre("Mill Lane")

    @statement
    def dressed(pk: int) -> QuerySet[Any, Any]:
        return Centre.objects.annotate(_n=Value(Wide(pk))).filter(pk=pk).order_by("pk").values_list("_n", flat=True)

    assert dressed(centre.pk) == [centre.pk]


def test_texts_are_filled_into_lists() -> None:
    make_centre("Mill Lane")
    make_centre("Abbey Road")

    @statement
    def among(names: list[Text]) -> QuerySet[Any, Any]:
        return Centre.objects.filter(name__in=names).order_by("name").values_list("name", flat=True)

    assert among([Text("Mill Lane"), Text("Abbey Road")]) == ["Abbey Road", "Mill Lane"]
    assert among([Text("Abbey Road"), Text("Nowhere")]) == ["Abbey Road"]
    assert len(among.written) == 1
