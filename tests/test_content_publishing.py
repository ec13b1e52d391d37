"""Publishing: the same files change nothing, new lessons share the criteria, a new specification does not."""

from __future__ import annotations

import datetime as dt
import filecmp
import io
import json
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from content import checks, publishing
from content.apps import house_units_are_sound
from content.canonical import files_of, lessons_digest, specification_digest
from content.checks import check
from content.models import Criterion, Lesson, Specification, Unit, UnitEdition
from content.publishing import digest_faults, publish, source_of
from courseware.kit import clock
from courseware.ledger.append import HOUSE
from courseware.ledger.models import LedgerEntry
from courseware.ledger.verify import faults_in

from .content_builders import HOUSE_412, TINY, change, copy_of_tiny
from .test_content_loader import FIRST, SECOND, units
from .test_content_models import TABLES

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in [*TABLES, LedgerEntry]}


def command(*args, **options) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_loading_a_unit_makes_its_rows_and_one_entry_in_the_houses_record():
    edition = publish(check(TINY))
    assert (edition.number, edition.unit.code, edition.unit.owner) == (1, "101", None)
    counted = rows()
    assert (counted["Criterion"], counted["Lesson"], counted["OutcomeText"], counted["Figure"]) == (3, 3, 2, 1)
    entry = LedgerEntry.objects.get(chain=HOUSE)
    said = json.loads(entry.text)
    assert (entry.verb, entry.by, entry.result) == ("publish_edition", None, edition.uid)
    assert said["digests"] == {"specification": edition.specification.digest, "lessons": edition.lessons_digest}
    assert said["subjects"] == {
        "unit": str(edition.unit.uid),
        "specification": str(edition.specification.uid),
        "edition": str(edition.uid),
    }
    assert list(faults_in(HOUSE)) == []


def test_loading_the_same_files_twice_changes_nothing(django_assert_max_num_queries):
    first = publish(check(TINY))
    before = rows()
    with django_assert_max_num_queries(6):
        assert publish(check(TINY)) == first
    assert rows() == before


def test_new_lessons_make_an_edition_that_shares_specification_and_criteria(tmp_path):
    first = publish(check(TINY))
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "Leaves, fresh", "Leaf, fresh")
    second = publish(check(folder))
    assert (second.number, second.specification) == (2, first.specification)
    assert (Criterion.objects.count(), Lesson.objects.count(), LedgerEntry.objects.count()) == (3, 6, 2)


def test_a_new_specification_leaves_the_old_one_alone(tmp_path):
    first = publish(check(TINY))
    old = list(Criterion.objects.order_by("pk").values())
    folder = copy_of_tiny(tmp_path)
    change(folder, SECOND, "bitter, weak", "bitter, thin")
    second = publish(check(folder))
    assert second.specification != first.specification
    assert second.unit == first.unit
    assert list(Criterion.objects.filter(specification=first.specification).order_by("pk").values()) == old
    assert second.specification.criteria.get(number="1.2").guidance == "Taste: for example bitter, thin, stewed."


def test_going_back_to_an_earlier_text_is_a_new_edition_of_the_earlier_specification(tmp_path):
    first = publish(check(TINY))
    folder = copy_of_tiny(tmp_path)
    change(folder, SECOND, "bitter, weak", "bitter, thin")
    publish(check(folder))
    third = publish(check(TINY))
    assert (third.number, third.specification) == (3, first.specification)
    assert Specification.objects.count() == 2


def test_nothing_is_published_in_the_past():
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    before = rows()
    with clock.travel(past), pytest.raises(ValueError, match="now or not at all"), transaction.atomic():
        publish(check(TINY))
    assert rows() == before
    edition = publish(check(TINY))
    with clock.travel(past):
        assert publish(check(TINY)) == edition


@pytest.mark.django_db(transaction=True)
def test_two_who_load_the_same_unit_at_once_publish_it_once():
    gate = threading.Barrier(2)

    def load() -> int:
        try:
            gate.wait(timeout=20)
            return publish(check(TINY)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = [job.result(timeout=60) for job in [pool.submit(load), pool.submit(load)]]
    assert first == second
    assert (UnitEdition.objects.count(), LedgerEntry.objects.count()) == (1, 1)
    assert list(faults_in(HOUSE)) == []


def test_a_unit_that_fails_half_way_leaves_nothing(monkeypatch):
    source = check(TINY)
    # Two terms with one slug pass no check; the database refuses them, and all that came before goes with them.
    term = check(HOUSE_412).glossary[0]
    broken = type(source)(**{**vars(source), "glossary": (term, term)})
    before = rows()
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        publish(broken)
    assert rows() == before


@pytest.mark.parametrize("folder", [TINY, HOUSE_412], ids=["101", "412"])
def test_a_dump_of_a_load_is_the_source_byte_for_byte(tmp_path, folder):
    command("load_unit", str(folder))
    out = tmp_path / "dump"
    said = command("dump_unit", folder.name, str(out))
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == names
    assert filecmp.cmpfiles(folder, out, names, shallow=False) == (names, [], [])
    assert f"{len(names)} files written" in said


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(unit=units())
def test_any_unit_comes_back_from_the_database_as_it_went_in(unit):
    with transaction.atomic():
        edition = publish(unit)
        back = source_of(UnitEdition.objects.select_related("unit", "specification").get(pk=edition.pk))
        assert back == unit
        assert files_of(back) == files_of(unit)
        assert specification_digest(back) == edition.specification.digest
        assert lessons_digest(back) == edition.lessons_digest
        transaction.set_rollback(True)


def test_an_earlier_edition_can_be_dumped(tmp_path):
    folder = copy_of_tiny(tmp_path)
    command("load_unit", str(folder))
    change(folder, FIRST, "Leaves, fresh", "Leaf, fresh")
    command("load_unit", str(folder))
    command("dump_unit", "101", str(tmp_path / "old"), edition=1)
    command("dump_unit", "101", str(tmp_path / "new"))
    assert (tmp_path / "old" / FIRST).read_bytes() == (TINY / FIRST).read_bytes()
    assert (tmp_path / "new" / FIRST).read_bytes() == (folder / FIRST).read_bytes()


def test_a_dump_overwrites_nothing(tmp_path):
    command("load_unit", str(TINY))
    with pytest.raises(CommandError, match="not an empty folder"):
        command("dump_unit", "101", str(tmp_path.parent))
    with pytest.raises(CommandError, match="no such edition of unit 101"):
        command("dump_unit", "101", str(tmp_path / "x"), edition=7)
    with pytest.raises(CommandError, match="no such edition of unit 999"):
        command("dump_unit", "999", str(tmp_path / "x"))


def test_load_unit_publishes_the_houses_units_and_says_what_it_did():
    assert command("load_unit") == "Unit 412, edition 1 (Retention Marketing): published\n"
    assert command("load_unit") == "Unit 412, edition 1 (Retention Marketing): unchanged\n"


def test_nothing_of_a_faulty_unit_is_published_and_a_sound_one_beside_it_is(tmp_path):
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "statement:", "statment:")
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 faulty: not published"):
        call_command("load_unit", str(folder), str(HOUSE_412), stdout=out, stderr=out)
    assert f"{folder}/{FIRST}:3: unknown key 'statment'" in out.getvalue()
    assert [unit.code for unit in Unit.objects.order_by("code")] == ["412"]


def test_check_unit_counts_faults_and_touches_no_table(tmp_path, django_assert_num_queries):
    folder = copy_of_tiny(tmp_path)
    with django_assert_num_queries(0):
        assert command("check_unit", str(TINY)) == "Unit 101 (Making a Pot of Tea): 3 criteria, no fault\n"
        assert "Unit 412" in command("check_unit")
        change(folder, FIRST, "statement:", "statment:")
        out = io.StringIO()
        with pytest.raises(CommandError, match="2 faults"):
            call_command("check_unit", str(folder), stdout=out, stderr=out)
    assert f"{folder}/{FIRST}:1: missing key 'statement'" in out.getvalue()


def test_the_system_check_tells_faults_of_the_houses_units(tmp_path, monkeypatch):
    assert house_units_are_sound() == []
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "Identify", "Ponder")
    monkeypatch.setattr(checks, "HOUSE_UNITS", tmp_path)
    assert [error.msg.partition(" is")[0] for error in house_units_are_sound()] == [f"101/{FIRST}:3: 'Ponder'"]


def test_the_system_check_tells_a_folder_with_another_units_code(tmp_path, monkeypatch):
    shutil.move(copy_of_tiny(tmp_path), tmp_path / "102")
    monkeypatch.setattr(checks, "HOUSE_UNITS", tmp_path)
    assert [error.msg for error in house_units_are_sound()] == ["102/unit.md:2: 'code' is 101, but the folder says 102"]


def test_loading_unit_412_costs_a_few_readings_of_its_text():
    """Where one reading takes 0.09 s, 22 of them are the two seconds that a load may take."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    texts = [path.read_text() for path in sorted(HOUSE_412.rglob("*.md"))]
    begun = time.process_time()
    for _ in range(3):
        for text in texts:
            parser.parse(text)
    once = (time.process_time() - begun) / 3
    begun = time.process_time()
    publish(check(HOUSE_412))
    spent = time.process_time() - begun
    assert spent < 22 * once, f"{spent:.2f} s, {spent / once:.0f} times one reading"


def test_a_row_slipped_into_a_published_edition_is_found():
    edition = publish(check(TINY))
    assert digest_faults() == []
    publishing.GlossaryTerm.objects.create(edition=edition, slug="x", title="X", position=1, body="slipped in")
    assert digest_faults() == ["Unit 101, edition 1: the lessons do not match their digest"]


def test_a_specification_that_does_not_match_its_digest_is_found():
    source = check(TINY)
    unit = Unit.objects.create(code="101")
    specification = publishing._specification(unit, source, "0" * 64)
    edition = UnitEdition.objects.create(
        unit=unit, specification=specification, number=1, lessons_digest=lessons_digest(source), aim=source.aim
    )
    publishing._lessons(edition, source)
    assert digest_faults() == ["Unit 101, edition 1: the specification does not match its digest"]
