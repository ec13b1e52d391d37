"""Lists of learners: columns recognised or guessed, each kind of bad line named with what to do, no line lost."""

from __future__ import annotations

import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit.lists import Row, rows_of
from courseware.people.rolls.columns import HEADINGS, Columns, apart, heading, recognise
from courseware.people.rolls.lines import BAD, CHANGES, GOOD, SAYS, Checked, Entry, Known, Person, check

from .roll_builders import BESIDE, FAULTY, HEADER, PUBLISHED, good, listed, uln

NOBODY = Known({})
WORDS = st.sampled_from(
    ["Maya", "maya@example.org", PUBLISHED, "=1", "", "Ó", "\n", '"', ",", ";", "@", "\ufffd", "E-mail"]
)


def read(text: str, known: Known = NOBODY) -> list[Checked]:
    """What becomes of each line of `text` that is not blank nor headings."""
    rows = apart([row for row in rows_of(text) if not row.blank])
    columns = recognise(rows)
    body = rows[1:] if columns.header else rows
    return check(
        [
            Entry(
                row.number,
                *columns.pick(row.cells),
                row.fault or ("wide" if any(row.cells[len(columns.fields) :]) else ""),
            )
            for row in body
        ],
        known,
    )


def kinds(text: str, known: Known = NOBODY) -> list[str]:
    """The kinds of the lines."""
    return [one.kind for one in read(text, known)]


# -- Columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "fields"),
    [
        ("Name,Email,ULN", ("name", "email", "uln")),
        ("ULN;E-MAIL ADDRESS;Learner's name", ("uln", "email", "name")),
        ("Surname\tForename(s)\tMail", ("last", "first", "email")),
        ("Full name|Group|Unique Learner Number (ULN)|e_mail", ("name", "", "uln", "email")),
        ("Display Name,First Name,Last Name,E-Mail", ("", "first", "last", "email")),
        ("Email,Name,Work e-mail", ("email", "name", "")),
    ],
)
def test_headings_are_recognised_in_several_spellings(first: str, fields: tuple[str, ...]) -> None:
    columns = recognise(rows_of(f"{first}\n{first.replace('E', 'x')}"))
    assert columns == Columns(header=True, fields=fields)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Maya Okafor,maya@example.org\nJo Ng,jo@example.org", ("name", "email")),
        (f"maya@example.org;Maya Okafor;{PUBLISHED}", ("email", "name", "uln")),
        ("Maya\tOkafor\tmaya@example.org", ("first", "last", "email")),
        ("1,Maya Okafor,Group A,maya@example.org", ("", "name", "", "email")),
        ("Maya Okafor,maya@example.org,9276 308 686\nJo Ng,jo@example.org,", ("name", "email", "uln")),
        ("Maya Okafor <maya@example.org>\nJo jo@example.org\n", ("first", "email")),
        ("1\n2", ("",)),
    ],
)
def test_without_headings_the_columns_are_guessed(text: str, fields: tuple[str, ...]) -> None:
    columns = recognise(apart(rows_of(text)))
    assert not columns.header
    assert tuple("name" if (field, len(fields)) == ("first", 2) else field for field in columns.fields) == tuple(
        "name" if (field, len(fields)) == ("first", 2) else field for field in fields
    )


def test_a_list_copied_from_a_mail_program_is_read() -> None:
    found = read('"Okafor Maya" <maya@example.org>,\nJo Ng <jo@example.org>;\n Ann ann@example.org\n')
    assert [(one.kind, one.name, one.email) for one in found] == [
        ("new", "Okafor Maya", "maya@example.org"),
        ("new", "Jo Ng", "jo@example.org"),
        ("new", "Ann", "ann@example.org"),
    ]
    rows = apart(rows_of("Maya Okafor <maya@example.org>\nJo jo@example.org\nalone\n\n"))
    assert [row.cells for row in rows] == [
        ("Maya Okafor", "maya@example.org"),
        ("Jo", "jo@example.org"),
        ("alone",),
        ("",),
    ]
    assert apart([Row(1, ())])[0].cells == ("",)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (("name", "email", "email"), "Two columns"),
        (("name", ""), "holds the e-mail address"),
        (("name", "last", "email"), "one column or in two"),
        (("email",), "holds the name"),
        (("last", "email"), ""),
        (("name", "email", "uln"), ""),
    ],
)
def test_columns_that_cannot_be_read_say_why(fields: tuple[str, ...], says: str) -> None:
    fault = Columns(header=True, fields=fields).fault
    assert fault == "" if not says else says in fault


def test_names_in_two_columns_are_put_together() -> None:
    columns = Columns(header=True, fields=("last", "first", "email"))
    assert columns.pick(("Okafor", "Maya", "m@example.org", "more")) == ("Maya Okafor", "m@example.org", "")
    assert columns.pick(("Okafor",)) == ("Okafor", "", "")
    assert columns.pick(()) == ("", "", "")


def test_a_list_of_nothing_has_no_columns() -> None:
    assert recognise([Row(1, ()), Row(2, ("x",), fault="long")]) == Columns(header=False, fields=())


@given(st.sampled_from(sorted(HEADINGS)), st.sampled_from([str.upper, str.title, str.lower]))
def test_a_heading_is_known_in_any_case_and_with_marks_around(word: str, cased: object) -> None:
    assert heading(f" {cased(word).replace(' ', '_')}*:") == HEADINGS[word]  # type: ignore[operator]  # a method of str


# -- Lines -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(FAULTY))
def test_each_kind_of_bad_line_is_named_and_its_sentence_says_what_to_do(kind: str) -> None:
    text = f"{HEADER}\n{good(1)}\n{FAULTY[kind].replace('{n}', '7')}\n{good(2)}\n"
    first, bad, last = read(text)
    assert (first.kind, last.kind) == ("new", "new")
    assert bad.kind == kind
    assert bad.number == 3
    assert bad.says
    assert "{" not in bad.says
    assert bad.says.endswith(".")


def test_there_are_far_more_than_twenty_kinds_and_no_sentence_twice() -> None:
    assert len(BAD) == 37
    assert len(set(SAYS.values())) == len(SAYS)
    assert set(GOOD) & set(BAD) == set()
    assert set(CHANGES) < set(GOOD)


def test_lines_beside_each_other_name_each_other() -> None:
    text = "\n".join(
        [
            HEADER,
            "Maya,maya@example.org,",
            "Jo,jo@example.org,",
            " MAYA ,Maya@Example.org,",
            "Joanna,jo@example.org,",
            f"Ann,ann@example.org,{PUBLISHED}",
            f"Ben,ben@example.org,{PUBLISHED}",
            f"Cy,cy@example.org,{uln(1)}",
            f"Cy,cy@example.org,{uln(2)}",
            f"Di,di@example.org,{uln(3)}",
            "Di,di@example.org,",
        ]
    )
    assert [(one.kind, one.detail) for one in read(text)] == [
        ("new", ""),
        ("two_names", "5"),
        ("repeated", "2"),
        ("two_names", "3"),
        ("uln_shared", "7"),
        ("uln_shared", "6"),
        ("two_ulns", "9"),
        ("two_ulns", "8"),
        ("new", ""),
        ("repeated", "10"),
    ]
    for kind, (lines, _count) in BESIDE.items():
        assert kind in kinds(f"{HEADER}\n{lines}\n{lines}".replace("{n}", "1"))


def test_what_the_centre_knows_decides_what_becomes_of_a_line() -> None:
    known = Known(
        {
            "joins@example.org": Person("Joins"),
            "here@example.org": Person("Here", cohort="this"),
            "numbered@example.org": Person("Numbered", cohort="this"),
            "has@example.org": Person("Has", uln=PUBLISHED, cohort="this"),
            "other@example.org": Person("Other", cohort="Spring"),
            "left@example.org": Person("Left", here=False),
            "tutor@example.org": Person("Tess Tutor", learner=False),
        }
    )
    lines = {
        "Joins,joins@example.org,": ("joins", "Joins"),
        "Another Name,here@example.org,": ("here", ""),
        f"Numbered,numbered@example.org,{uln(4)}": ("numbered", ""),
        f"Has,has@example.org,{PUBLISHED}": ("here", ""),
        "Other,other@example.org,": ("elsewhere", "Spring"),
        "Left,left@example.org,": ("left", ""),
        "Tutor,tutor@example.org,": ("not_learner", "Tess Tutor"),
        "New,new@example.org,": ("new", ""),
    }
    assert [(one.kind, one.detail) for one in read("\n".join([HEADER, *lines]), known)] == list(lines.values())
    assert read(f"{HEADER}\nHas,has@example.org,{uln(4)}", known)[0].kind == "uln_differs"
    taken = read(f"{HEADER}\nNew,new@example.org,{PUBLISHED}\nHere,here@example.org,{PUBLISHED}", known)
    assert {one.kind for one in taken} == {"uln_shared"}
    (taken_,) = read(f"{HEADER}\nJoins,joins@example.org,{PUBLISHED}", known)
    assert (taken_.kind, taken_.detail) == ("uln_taken", "Has")


def test_values_are_kept_clean() -> None:
    (line,) = read("Name,Email,ULN\n  Zoë   Łuksik ,ZOE@Example.ORG, 9276 308-686")
    assert (line.name, line.email, line.uln) == ("Zoë Łuksik", "zoe@example.org", PUBLISHED)


def test_a_long_list_has_every_bad_line_explained() -> None:
    text, counts = listed(1000, 60)
    found = Counter(one.kind for one in read(text))
    assert sum(counts.values()) == 60
    assert {kind: n for kind, n in found.items() if kind in BAD} == counts
    assert found["new"] == 1000 - 60


@given(st.lists(st.lists(WORDS, max_size=5).map(",".join), max_size=12).map("\n".join))
def test_no_line_is_lost_and_nothing_is_ever_raised(text: str) -> None:
    rows = rows_of(text)
    filled = apart([row for row in rows if not row.blank])
    columns = recognise(filled)
    answers = read(text)
    aside = len(filled) if not answers else len(filled) - len(answers)
    assert aside == int(columns.header)
    good_ = sum(one.kind in GOOD for one in answers)
    bad = sum(one.kind in BAD for one in answers)
    assert good_ + bad + aside + sum(row.blank for row in rows) == len(rows)
    assert [one.number for one in answers] == [row.number for row in filled][int(columns.header) :]


@given(
    st.lists(
        st.builds(
            Entry,
            st.just(0),
            st.text(max_size=12),
            st.one_of(st.sampled_from(["maya@example.org", "Jo@example.org ", "a@b"]), st.text(max_size=12)),
            st.one_of(st.sampled_from(["", PUBLISHED, "9276 308 686"]), st.text(string.digits, max_size=11)),
        ),
        max_size=4,
    )
)
def test_whatever_stands_in_a_line_it_is_good_and_clean_or_bad_with_a_sentence(entries: list[Entry]) -> None:
    numbered = [Entry(at, one.name, one.email, one.uln) for at, one in enumerate(entries, start=1)]
    answers = check(numbered, NOBODY)
    assert [one.number for one in answers] == [one.number for one in numbered]
    assert all(one.says for one in answers)
    new = [one for one in answers if one.kind == "new"]
    assert len({one.email for one in new}) == len(new)
    assert all(one.email == one.email.lower() and one.name.strip() == one.name for one in new)
