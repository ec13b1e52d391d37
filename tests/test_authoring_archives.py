"""A unit as a ZIP archive: what is packed is unpacked the same, and every trap gets its answer."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import HealthCheck, assume, given, settings

from content.authoring import archives
from content.authoring.archives import packed, unit_in, unpacked
from content.canonical import files_of, lessons_digest, specification_digest
from content.checks import check
from content.publishing import publish, source_of
from content.schema import FaultyUnit
from courseware.kit.filekinds.kinds import Unacceptable

from . import hostile_archives
from .content_builders import HOUSE_412, TINY, with_bytes
from .hostile_archives import ARCHIVES
from .test_content_loader import units


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_gets_its_answer(name):
    make, says = ARCHIVES[name]
    data = make()
    if isinstance(says, str):
        with pytest.raises(Unacceptable) as refused:
            unit_in(data)
        assert str(refused.value.about("u.zip")).startswith(says)
        return
    with pytest.raises(FaultyUnit) as faulty:
        unit_in(data)
    found = [str(fault) for fault in faulty.value.faults]
    assert found[0].startswith(says[0]), found
    assert name == "two folders" or len(found) == 1, found


def test_there_are_at_least_forty_hostile_archives():
    assert len(ARCHIVES) >= 40


def test_an_archive_of_the_folder_and_one_of_its_files_are_the_same_unit():
    for top in ("101/", "", "./101/", "any name at all/"):
        assert unit_in(hostile_archives.packed(top=top)) == check(TINY)


def test_what_a_desktop_adds_to_an_archive_does_not_count():
    added = (("101/.DS_Store", b"x"), ("__MACOSX/101/._unit.md", b"x"), ("101/1/.1.1.md.swp", b"x"), ("101/", b""))
    assert unit_in(hostile_archives.packed(*added)) == check(TINY)


def test_an_archive_that_is_too_large_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 1 << 20)
    with pytest.raises(Unacceptable) as refused:
        unpacked(b"PK\x03\x04" + b"\0" * (1 << 20))
    assert str(refused.value.about("u.zip")).startswith("u.zip is larger than 1 MB")


def test_packing_gives_the_same_bytes_in_whatever_order_and_whenever():
    files = files_of(check(TINY))
    data = packed(files, "101")
    assert packed(dict(reversed(files.items())), "101") == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist()[0] == "101/1/1.1-leaves-and-water.md"
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


@pytest.mark.parametrize("folder", [TINY, HOUSE_412], ids=["101", "412"])
def test_a_unit_packed_and_taken_in_is_the_unit_to_the_digest(folder):
    source = check(folder)
    again = unit_in(packed(files_of(source), folder.name))
    assert again == source
    assert (specification_digest(again), lessons_digest(again)) == (
        specification_digest(source),
        lessons_digest(source),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(unit=units())
def test_any_unit_packed_and_unpacked_has_the_same_files(unit):
    files = with_bytes(unit)
    assume(len(files) == len({path.casefold() for path in files}))
    data = packed(files, "a-unit")
    assert unpacked(data) == files


@pytest.mark.django_db
def test_an_edition_is_what_its_archive_gives_when_it_is_published_and_packed_again():
    edition = publish(check(TINY))
    data = packed(files_of(source_of(edition)), "101")
    assert publish(unit_in(data)) == edition
    assert packed(files_of(source_of(edition)), "101") == data
