"""A list of learners is read, looked through, mended and added: once, by the ordinary verbs, and never half."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.models import Cohort, CriterionStatus, ImportLine, LearnerImport, LearnerUnit
from assessment.permissions import imports as may
from assessment.readings import imports as readings
from assessment.readings.proof import steps
from assessment.workflow import cohorts, imports
from courseware.kit import clock
from courseware.kit.lists import rows_of
from courseware.kit.tasks import run_due
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.people import workflow as people
from courseware.people.models import Membership, User
from courseware.people.rolls.columns import Columns
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.roll_builders import HEADER, PUBLISHED, listed, uln

pytestmark = pytest.mark.django_db


def brought(cohort: Cohort, text: str) -> LearnerImport:
    """A list brought by the administrator."""
    return imports.draft_import(
        by=administrator_of(cohort.centre), cohort=cohort, rows=rows_of(text), title="Pasted list"
    )


def added(cohort: Cohort, text: str) -> LearnerImport:
    """A list brought and added to its end."""
    found = brought(cohort, text)
    imports.commit_import(by=administrator_of(cohort.centre), found=found)
    run_due()
    found.refresh_from_db()
    return found


def kinds(found: LearnerImport) -> list[str]:
    """The kind of each line."""
    return list(found.lines.order_by("number").values_list("kind", flat=True))


def outcomes(found: LearnerImport) -> list[str]:
    """What came of each line."""
    return list(found.lines.order_by("number").values_list("outcome", flat=True))


def record() -> dict[str, int]:
    """How much there is of what a list may add, and the entries about it."""
    models = (User, Membership, LearnerUnit, CriterionStatus, LedgerEntry)
    return {model.__name__: model._default_manager.count() for model in models}


# -- Looking through ---------------------------------------------------------------------------------------------------


def test_looking_through_a_list_adds_nobody_and_writes_to_nobody() -> None:
    cohort = make.cohort()
    before = record()
    found = brought(cohort, f"{HEADER}\n\nMaya,maya@example.org,{PUBLISHED}\nJo,jo@example,\n")
    assert record() == before
    assert kinds(found) == ["header", "new", "email_domain"]
    page = readings.import_page(administrator_of(cohort.centre), found)
    assert (page.lines, page.showing, [row.number for row in page.rows]) == (4, "bad", [4])
    assert page.counts == {"bad": 1, "ready": 1, "nothing": 0, "added": 0, "left": 0, "aside": 2}
    assert mail.outbox == []


def test_an_address_with_an_account_in_another_centre_looks_exactly_like_a_new_one() -> None:
    elsewhere = make.learner_unit(make.cohort(make_centre()), name="Knut There").learner
    cohort = make.cohort(make_centre())
    text = f"{HEADER}\nSam Same,{elsewhere.user.email},{uln(1)}\nSam Same,zora@example.org,{uln(2)}\n"
    found = brought(cohort, text)
    known, new = found.lines.exclude(kind="header").order_by("number")
    assert (known.kind, known.detail) == (new.kind, new.detail) == ("new", "")
    with CaptureQueriesContext(connection) as asked:
        brought(cohort, text)
    assert not [one for one in asked.captured_queries if 'FROM "people_user" WHERE "people_user"."email"' in one["sql"]]
    # A number that another centre keeps is no news either.
    people.set_uln(by=administrator_of(elsewhere.centre), membership=elsewhere, uln=uln(1))
    assert kinds(brought(cohort, text)) == ["header", "new", "new"]


def test_what_the_centre_knows_is_said_of_each_line() -> None:
    cohort = make.cohort()
    centre = cohort.centre
    other = make.cohort(centre, cohort.specification, name="Spring")
    make_member(centre, "learner", email="joins@example.org")
    here = make.learner_unit(cohort, email="here@example.org").learner
    make.learner_unit(cohort, email="numbered@example.org")
    make.learner_unit(other, email="elsewhere@example.org")
    make_member(centre, "tutor", email="tutor@example.org")
    left = make_member(centre, "learner", email="left@example.org")
    people.end_membership(by=administrator_of(centre), membership=left)
    back = make.learner_unit(other, email="again@example.org")
    cohorts.withdraw_learner(by=administrator_of(centre), learner_unit=back, reason="Moved away.")
    people.set_uln(by=administrator_of(centre), membership=here, uln=PUBLISHED)
    lines = {
        "J,joins@example.org,": "joins",
        "H,here@example.org,": "here",
        f"N,numbered@example.org,{uln(1)}": "numbered",
        "E,elsewhere@example.org,": "elsewhere",
        "T,tutor@example.org,": "not_learner",
        "L,left@example.org,": "left",
        "A,again@example.org,": "joins",
        f"U,u@example.org,{PUBLISHED}": "uln_taken",
    }
    assert kinds(brought(cohort, "\n".join([HEADER, *lines]))) == ["header", *lines.values()]


def test_looking_through_costs_the_same_for_four_lines_and_for_four_hundred() -> None:
    cohort = make.cohort()
    costs = []
    for lines in (4, 400):
        rows = rows_of(listed(lines, 2, 2)[0])
        with CaptureQueriesContext(connection) as asked:
            imports.draft_import(by=administrator_of(cohort.centre), cohort=cohort, rows=rows, title="List")
        # Lines are written by the hundred or so, which is what one statement of SQLite takes.
        costs.append(len([one for one in asked.captured_queries if "assessment_importline" not in one["sql"]]))
    assert costs == [9, 9]


def test_a_list_of_nothing_or_of_too_many_lines_is_refused(monkeypatch: Any) -> None:
    cohort = make.cohort()
    with pytest.raises(NotNow, match="no line in it"):
        brought(cohort, "\n \n")
    monkeypatch.setattr(imports, "MOST", 2)
    with pytest.raises(NotNow, match="more than"):
        brought(cohort, "a,b@c.org\n" * 3)
    assert LearnerImport.objects.count() == 0


def test_lists_of_a_fortnight_ago_are_thrown_away() -> None:
    cohort = make.cohort()
    old = brought(cohort, "Maya,maya@example.org")
    away = brought(make.cohort(make_centre()), "Maya,maya@example.org")
    with time_machine.travel(clock.now() + dt.timedelta(days=13)):
        brought(cohort, "Jo,jo@example.org")
        assert LearnerImport.objects.filter(pk=old.pk).exists()
    with time_machine.travel(clock.now() + dt.timedelta(days=15)):
        brought(cohort, "Jo,jo@example.org")
    assert not LearnerImport.objects.filter(pk=old.pk).exists()
    assert not ImportLine.objects.filter(of=old.pk).exists()
    assert LearnerImport.objects.filter(pk=away.pk).exists()


# -- Columns and mending -----------------------------------------------------------------------------------------------


def test_the_columns_can_be_said_and_mended_lines_stay_mended() -> None:
    cohort = make.cohort()
    by = administrator_of(cohort.centre)
    found = brought(cohort, "Who Was,What Is\nx@example.org,Maya Okafor\ny@example.org,Jo Ng\nz,Ann\n")
    assert not found.header
    right = Columns(header=True, fields=("email", "name"))
    found = imports.set_columns(by=by, found=found, columns=right)
    assert kinds(found) == ["header", "new", "new", "email_at"]
    found = imports.mend_lines(by=by, found=found, mended={4: ("Ann", "ann@example.org", "")})
    assert kinds(found) == ["header", "new", "new", "new"]
    found = imports.set_columns(by=by, found=found, columns=Columns(header=False, fields=("email", "name")))
    assert kinds(found) == ["email_space", "new", "new", "new"]
    with pytest.raises(NotNow, match="holds the e-mail address"):
        imports.set_columns(by=by, found=found, columns=Columns(header=False, fields=("", "name")))
    assert kinds(found) == ["email_space", "new", "new", "new"]


def test_a_mended_line_frees_the_line_that_it_stood_against() -> None:
    cohort = make.cohort()
    found = brought(
        cohort, f"{HEADER}\nMaya,maya@example.org,\nMaja,maya@example.org,\nOkafor, Jo,jo@example.org,{PUBLISHED}"
    )
    assert kinds(found) == ["header", "two_names", "two_names", "wide"]
    mended = {3: ("Maja", "maja@example.org", ""), 4: ("Okafor, Jo", "jo@example.org", PUBLISHED), 99: ("x", "y", "z")}
    found = imports.mend_lines(by=administrator_of(cohort.centre), found=found, mended=mended)
    assert kinds(found) == ["header", "new", "new", "new"]
    assert found.lines.get(number=3).mended
    assert not found.lines.get(number=2).mended


def test_a_list_can_be_thrown_away() -> None:
    cohort = make.cohort()
    found = brought(cohort, "Maya,maya@example.org")
    imports.discard_import(by=administrator_of(cohort.centre), found=found)
    assert LearnerImport.objects.count() == ImportLine.objects.count() == 0


# -- Adding ------------------------------------------------------------------------------------------------------------


def test_good_lines_are_added_by_the_ordinary_verbs_and_bad_ones_left_out() -> None:
    cohort = make.cohort()
    centre = cohort.centre
    joins = make_member(centre, "learner", email="joins@example.org", name="Known Here")
    numbered = make.learner_unit(cohort, email="numbered@example.org").learner
    found = added(
        cohort,
        f"{HEADER}\nMaya Okafor,Maya@Example.org,{PUBLISHED}\nOther Name,joins@example.org,{uln(1)}\n"
        f"N,numbered@example.org,{uln(2)}\nBad,bad@example,\n",
    )
    assert (found.state, outcomes(found)) == ("done", ["", "new", "joins", "numbered", ""])
    maya = Membership.objects.get(centre=centre, user__email="maya@example.org")
    assert (maya.name, maya.uln, [one.role for one in maya.grants.all()]) == ("Maya Okafor", PUBLISHED, ["learner"])
    units = LearnerUnit.objects.filter(cohort=cohort).order_by("pk")
    assert {unit.learner_id for unit in units} == {maya.pk, joins.pk, numbered.pk}
    joins.refresh_from_db()
    numbered.refresh_from_db()
    assert (joins.name, joins.uln, numbered.uln) == ("Known Here", uln(1), uln(2))
    verbs = LedgerEntry.objects.filter(chain=centre.uid).order_by("number").values_list("verb", flat=True)
    assert list(verbs)[-6:] == ["commit_import", "add_member", "add_learner", "set_uln", "add_learner", "set_uln"]
    assert not Membership.objects.filter(user__email__startswith="bad").exists()
    assert [fault for step in steps() for fault in step.faults()] == []


def test_each_new_learner_gets_one_letter_from_the_worker_and_nobody_else_does() -> None:
    centre = make_centre("Calder Vale")
    cohort = make.cohort(centre)
    make_member(centre, "learner", email="joins@example.org")
    known = make_member(make_centre("Elsewhere"), "learner", email="knut@example.org").user
    found = brought(cohort, f"{HEADER}\nJ,joins@example.org,\nMaya,maya@example.org,\nKnut,{known.email},\n")
    mail.outbox.clear()
    imports.commit_import(by=administrator_of(centre), found=found)
    while imports.carry_on(found):
        pass
    assert mail.outbox == [], "a letter left without the worker"
    run_due()
    run_due()
    assert sorted(letter.to[0] for letter in mail.outbox) == ["knut@example.org", "maya@example.org"]
    assert {letter.subject for letter in mail.outbox} == {"You have been added to Calder Vale"}


def test_the_same_list_again_changes_nothing() -> None:
    cohort = make.cohort()
    text, _counts = listed(60, 6)
    added(cohort, text)
    before = record()
    again = brought(cohort, text)
    found = Counter(kinds(again))
    assert found["here"] == 54
    assert found["new"] == 0
    assert not may.can_commit_import(administrator_of(cohort.centre), again, 0)
    with pytest.raises(NotNow, match="nothing to add"):
        imports.commit_import(by=administrator_of(cohort.centre), found=again)
    run_due()
    assert record() == before


def test_the_same_form_twice_adds_once_and_a_second_form_is_refused() -> None:
    cohort = make.cohort()
    by, key = administrator_of(cohort.centre), uuid.uuid4()
    found = brought(cohort, "Maya,maya@example.org\nJo,jo@example.org")
    first = imports.commit_import(by=by, found=found, key=key)
    run_due()
    before = record()
    assert imports.commit_import(by=by, found=found, key=key) == first
    for act in (
        lambda: imports.commit_import(by=by, found=found, key=uuid.uuid4()),
        lambda: imports.mend_lines(by=by, found=found, mended={1: ("x", "x@example.org", "")}),
        lambda: imports.set_columns(by=by, found=found, columns=Columns(header=False, fields=("name", "email"))),
        lambda: imports.discard_import(by=by, found=found),
    ):
        with pytest.raises(NotNow, match="being added already"):
            act()
    run_due()
    imports.apply_import.func(str(found.uid))
    imports.apply_import.func(str(uuid.uuid4()))
    assert record() == before


def test_what_changed_since_it_was_shown_is_left_out_and_said() -> None:
    cohort = make.cohort()
    centre, by = cohort.centre, administrator_of(cohort.centre)
    other = make.cohort(centre, cohort.specification, name="Spring")
    joins = make_member(centre, "learner", email="joins@example.org")
    goes = make_member(centre, "learner", email="goes@example.org")
    found = brought(
        cohort,
        f"{HEADER}\nJ,joins@example.org,\nG,goes@example.org,\nNew,new@example.org,{uln(1)}\nOk,ok@example.org,\n",
    )
    cohorts.add_learner(by=by, cohort=other, learner=joins)
    people.end_membership(by=by, membership=goes)
    make_member(centre, "learner", name="Quick", uln=uln(1))
    imports.commit_import(by=by, found=found)
    run_due()
    found.refresh_from_db()
    assert outcomes(found) == ["", "elsewhere", "left", "uln_taken", "new"]
    page = readings.import_page(by, found)
    assert (page.showing, page.counts["added"], page.counts["left"]) == ("left", 1, 3)
    assert "Spring" in page.rows[0].says
    assert "Quick has this ULN" in page.rows[2].says


def test_a_line_that_a_verb_refuses_after_all_is_undone_whole_and_says_why(monkeypatch: Any) -> None:
    cohort = make.cohort()
    real = imports.add_learner

    def refuse(**sent: Any) -> Any:
        if sent["learner"].name == "Maya":
            raise NotNow("The cohort is full.")
        return real(**sent)

    monkeypatch.setattr(imports, "add_learner", refuse)
    found = added(cohort, "Maya,maya@example.org\nJo,jo@example.org")
    assert outcomes(found) == ["refused", "new"]
    assert not User.objects.filter(email="maya@example.org").exists()
    page = readings.import_page(administrator_of(cohort.centre), found)
    assert [row.says for row in page.rows] == ["The cohort is full."]


def test_it_goes_on_where_a_killed_worker_left_it(monkeypatch: Any) -> None:
    cohort = make.cohort()
    by = administrator_of(cohort.centre)
    monkeypatch.setattr(imports, "A_BATCH", 3)
    found = brought(cohort, "\n".join(f"Learner {n},{n}@example.org" for n in "abcdefgh"))
    imports.commit_import(by=by, found=found)
    assert imports.carry_on(found)
    page = readings.import_page(by, LearnerImport.objects.get(pk=found.pk))
    assert (page.showing, page.handled, page.to_do) == ("added", 3, 8)
    real, calls = imports._apply, [0]

    def killed(*sent: Any) -> Any:
        calls[0] += 1
        if calls[0] == 2:
            raise SystemExit
        return real(*sent)

    monkeypatch.setattr(imports, "_apply", killed)
    with pytest.raises(SystemExit):
        imports.carry_on(found)
    assert LearnerUnit.objects.filter(cohort=cohort).count() == 3, "half a batch stayed"
    monkeypatch.setattr(imports, "_apply", real)
    imports.apply_import.func(str(found.uid))
    assert LearnerUnit.objects.filter(cohort=cohort).count() == 8
    assert LearnerImport.objects.get(pk=found.pk).state == "done"
    assert not imports.carry_on(found)


def test_it_stops_when_who_began_it_is_no_administrator_any_more() -> None:
    cohort = make.cohort()
    centre = cohort.centre
    second = make_member(centre, "admin")
    found = imports.draft_import(by=second.user, cohort=cohort, rows=rows_of("Maya,maya@example.org"), title="List")
    imports.commit_import(by=second.user, found=found)
    people.end_role(by=administrator_of(centre), grant=second.grants.get())
    run_due()
    found.refresh_from_db()
    assert found.state == "stopped"
    assert "Only an administrator" in found.said
    assert not User.objects.filter(email="maya@example.org").exists()


def test_nobody_real_is_written_to_from_a_demo() -> None:
    added(make.cohort(make_centre(demo=True)), "Maya,maya@example.org")
    assert mail.outbox == []


def test_a_long_list_is_added_once_and_twice_changes_nothing(torture: bool) -> None:
    lines, bad = (5000, 200) if torture else (250, 40)
    cohort = make.cohort()
    text, counts = listed(lines, bad)
    found = brought(cohort, text)
    assert {kind: n for kind, n in Counter(kinds(found)).items() if kind in counts} == counts
    assert sum(counts.values()) == bad
    imports.commit_import(by=administrator_of(cohort.centre), found=found)
    run_due()
    assert Counter(outcomes(found)) == {"new": lines - bad, "": bad + 1}
    assert LearnerUnit.objects.filter(cohort=cohort).count() == lines - bad
    assert len({letter.to[0] for letter in mail.outbox}) == len(mail.outbox) == lines - bad
    before = record()
    assert Counter(kinds(brought(cohort, text)))["here"] == lines - bad
    assert record() == before


# -- Who may -----------------------------------------------------------------------------------------------------------


def test_nobody_but_an_administrator_of_the_centre_touches_a_list() -> None:
    cohort = make.cohort()
    found = brought(cohort, "Maya,maya@example.org")
    before = record()
    for by in (
        make_member(cohort.centre, "lead_iqa").user,
        make.staff(cohort, "tutor").user,
        administrator_of(make_centre()),
    ):
        before = record()
        for act in (
            lambda by=by: imports.draft_import(by=by, cohort=cohort, rows=rows_of("J,j@example.org"), title="List"),
            lambda by=by: imports.set_columns(
                by=by, found=found, columns=Columns(header=False, fields=("name", "email"))
            ),
            lambda by=by: imports.mend_lines(by=by, found=found, mended={1: ("x", "x@example.org", "")}),
            lambda by=by: imports.commit_import(by=by, found=found),
            lambda by=by: imports.discard_import(by=by, found=found),
        ):
            with pytest.raises(NotYours):
                act()  # type: ignore[no-untyped-call]
        assert list(LearnerImport.objects.visible_to(by).order_by("pk")) == []
        assert record() == before
    assert LearnerImport.objects.get() == found
    assert kinds(found) == ["new"]
    assert list(LearnerImport.objects.visible_to(administrator_of(cohort.centre)).order_by("pk")) == [found]
    assert str(found) == "Pasted list"
    assert str(found.lines.get()) == "Pasted list, line 1"
