"""What the documents say is so: diagrams, commands, links, the words on buttons, and what the shell prints."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.utils.text import slugify

from assessment.demo.build import SIGN_INS
from assessment.management.commands import write_transitions
from assessment.models import ALL_MOVES
from assessment.workflow.draw import draw_order, frame_text, secret_digest, seed_of
from courseware.kit import chance, clock, filekinds, markdown, previews
from courseware.kit.previews import pictures
from courseware.ledger.append import Act, append, document, open_chain
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.people.models import ROLES, Centre

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += [*sorted((ROOT / "courseware" / "notes").glob("*.md")), ROOT / "content" / "units" / "README.md"]
OUR_OWN = {"up", "test", "checks"}  # of manage.py itself, before Django


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, kind: str) -> list[str]:
    """What stands in the page's fenced blocks of this kind (empty: plain ones)."""
    parts = re.split(r"^```", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [inside for said, _, inside in (part.partition("\n") for part in parts[1::2]) if said == kind]


def commands(path: Path) -> list[list[str]]:
    """The words after `manage.py` of every command in the page's shell blocks."""
    joined = "\n".join(blocks(path, "sh")).replace("\\\n", " ")
    return [found.split() for found in re.findall(r"manage\.py ([^\n]+)", joined)]


def bash(script: str, folder: Path, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"{done.stdout}status {done.returncode}\n"


# -- States ------------------------------------------------------------------------------------------------------------


def test_the_page_of_states_is_what_the_tables_give(capsys):
    call_command("write_transitions", "--check")
    assert "up to date" in capsys.readouterr().out


def test_every_verb_of_the_tables_is_put_into_words_and_no_other():
    assert set(write_transitions.VERBS) == {move.verb for table in ALL_MOVES for move in table.moves}
    assert list(write_transitions.NOUNS) == [table.noun for table in ALL_MOVES]


def test_a_page_of_states_that_differs_is_refused_and_written_anew(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    page = tmp_path / "docs" / "transitions.md"
    page.parent.mkdir()
    for before in (None, "something else\n"):
        if before is not None:
            page.write_text(before)
        with pytest.raises(CommandError, match="write_transitions"):
            call_command("write_transitions", "--check")
        assert (page.read_text() if page.exists() else None) == before
    call_command("write_transitions", stdout=io.StringIO())
    assert page.read_text() == write_transitions.page() == (ROOT / "docs" / "transitions.md").read_text()
    call_command("write_transitions", "--check", stdout=io.StringIO())


# -- Commands and links ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_command_in_the_documents_exists_with_its_options(path):
    for word, *rest in commands(path):
        assert word in OUR_OWN | set(get_commands()), f"{name(path)}: manage.py {word}"
        if word in OUR_OWN:
            continue
        app = get_commands()[word]
        command = load_command_class(app, word) if isinstance(app, str) else app
        known = command.create_parser("manage.py", word)._option_string_actions
        for option in (one for one in rest if one.startswith("--")):
            assert option in known, f"{name(path)}: manage.py {word} {option}"


def test_the_two_commands_come_first():
    assert blocks(ROOT / "README.md", "sh")[0] == "python3 manage.py up\npython3 manage.py test\n"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_in_the_documents_leads_somewhere(path):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert "://" not in target, f"{name(path)} leads away: {target}"
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{name(path)}: {target}"
        assert found.is_relative_to(ROOT)
        if anchor:
            heads = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slugify(head) for head in heads}, f"{name(path)}: {target}"


def test_every_document_is_reached_from_the_front_page():
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            found = (page.parent / target).resolve()
            if found.suffix == ".md" and found not in reached:
                reached.add(found)
                waiting.append(found)
    assert {path for path in PAGES if path.parent.name == "docs"} <= reached


def test_every_environment_variable_of_the_settings_is_in_operations():
    said = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
    read = set(re.findall(r"^\| ([A-Z_]+) \|", (ROOT / "courseware" / "settings.py").read_text(), re.MULTILINE))
    assert said == read | {"COURSEWARE_VENV"}


def test_every_folder_of_the_tree_in_the_readme_is_there():
    (tree,) = blocks(ROOT / "README.md", "")
    above = ""
    for line in tree.splitlines():
        found = re.match(r"( *)(\S+)(?:  (\S+/))?", line)
        assert found is not None
        indent, *names = found.groups()
        above = above if indent else ""
        for one in filter(None, names):
            assert (ROOT / above / one).exists(), line
        above = above or names[0]


# -- The tour ----------------------------------------------------------------------------------------------------------


def test_the_sign_ins_of_the_tour_are_the_demos():
    told = re.findall(r"`(\w+@\w+\.example)`", README)
    assert set(told) == {email for email, _ in SIGN_INS} - {"learner@other.example"}


def test_the_words_that_the_tour_tells_to_press_are_on_the_pages():
    tour = README.partition("## Five minutes")[2].partition("## Your own centre")[0]
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("assessment/**/*.py"), *ROOT.glob("courseware/**/*.py")]
    pages = re.sub(r"\s+", " ", " ".join(path.read_text(encoding="utf-8") for path in sources))
    for words in set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", " ".join(tour.split()))):
        # What a page fills in (a number, a criterion) is not in its source.
        parts = [part.strip() for part in re.split(r"\d+(?:\.\d+)?(?: decisions| again)?", words) if part.strip()]
        for part in parts:
            assert part in pages, words


# -- What the shell prints ---------------------------------------------------------------------------------------------


def test_the_shell_draws_what_the_house_draws(tmp_path):
    page = ROOT / "docs" / "sampling.md"
    (script,) = blocks(page, "sh")
    (told,) = blocks(page, "text")
    printed = bash(script, tmp_path)
    assert printed == told
    text = (tmp_path / "population.txt").read_text()
    plan, secret = (re.search(rf"^{word}=(\S+)$", script, re.MULTILINE)[1] for word in ("plan", "secret"))
    uids = [uuid.UUID(line) for line in text.split()]
    seed = seed_of(uuid.UUID(plan), 1, chance.sha256_hex(text), secret)
    drawn = [f"{key} {uid}" for key, uid in draw_order(seed, uids)[:2]]
    assert frame_text(uids) == text
    assert printed.splitlines() == [chance.sha256_hex(text), secret_digest(secret), seed, *drawn]


def run_shown(script: str) -> str:
    """What the Python in a `manage.py shell` of the documents prints, run here, on the tests' database."""
    code = re.search(r'-c "\n(.*?)"', script, re.DOTALL)
    assert code is not None
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        exec(code[1], {})
    return heard.getvalue()


@pytest.fixture
def chain(db):
    centre = Centre.objects.create(name="Mill Lane")
    open_chain(centre.uid)
    for number in range(3):
        append(centre.uid, Act("try_it", by=None, notes={"number": number}))
    return centre


def test_a_chain_is_checked_with_nothing_but_the_shell(chain, tmp_path, monkeypatch):
    centres, entries, check, head, *_ = blocks(ROOT / "docs" / "record.md", "sh")
    monkeypatch.setenv("chain", str(chain.uid))
    assert f"{chain.uid} Mill Lane" in run_shown(centres).splitlines()
    (tmp_path / "chain.txt").write_text(run_shown(entries))
    printed = bash(check, tmp_path, chain=str(chain.uid))
    assert printed == run_shown(head) == f"3 entries, head {ChainHead.objects.get(chain=chain.uid).digest}\n"


def test_the_shell_finds_an_entry_that_was_changed(chain, tmp_path):
    *_, third = LedgerEntry.objects.filter(chain=chain.uid).order_by("number")
    texts = list(LedgerEntry.objects.filter(chain=chain.uid).order_by("number").values_list("text", flat=True))
    check = blocks(ROOT / "docs" / "record.md", "sh")[2]
    (tmp_path / "chain.txt").write_text("".join(f"{text}\n" for text in texts).replace('"number":1}', '"number":7}'))
    printed = bash(check, tmp_path, chain=str(chain.uid))
    assert printed == f"this entry does not continue the chain: {third.text}\nstatus 1\n"


def test_the_keys_of_an_entry_are_all_explained():
    text = (ROOT / "docs" / "record.md").read_text().partition("## The ledger")[2].partition("## ")[0]
    said = {key for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    entry = document(Act("try_it", by=None), uuid.uuid4(), 1, "0" * 64, clock.now())
    assert said == set(entry)


def test_the_shell_finds_evidence_that_was_changed(tmp_path):
    (script,) = blocks(ROOT / "docs" / "evidence.md", "sh")
    folder = tmp_path / ".data" / "evidence" / "centre" / "learner"
    folder.mkdir(parents=True)
    (folder / chance.sha256_hex("as it was")).write_text("as it was")
    assert bash(script, tmp_path) == ""
    (folder / chance.sha256_hex("as it was")).write_text("as it is")
    assert bash(script, tmp_path) == f"changed: centre/learner/{chance.sha256_hex('as it was')}\n"


def test_the_backup_of_the_documents_holds_what_was_saved(tmp_path):
    script = next(one for one in blocks(ROOT / "docs" / "operations.md", "sh") if "source.backup" in one)
    (tmp_path / ".data").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / ".data" / "courseware.sqlite3")) as site:
        site.execute("PRAGMA journal_mode=WAL")
        site.execute("CREATE TABLE fact (said TEXT)")
        site.execute("INSERT INTO fact VALUES ('met')")
        site.commit()
        bash(script.replace("python3", sys.executable), tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "courseware-backup.sqlite3")) as copy:
        assert copy.execute("SELECT said FROM fact").fetchall() == [("met",)]


# -- Numbers and names that the words repeat ---------------------------------------------------------------------------


def test_the_limits_in_the_words_are_those_of_the_code():
    text = (ROOT / "docs" / "evidence.md").read_text()
    assert f"at most {previews.LIMITS['pages']}, " in text
    assert f"first {previews.LIMITS['rows']} rows" in text
    assert f"at most {pictures.LARGEST_SIDE} pixels" in text
    assert f"at most {settings.EVIDENCE_MAX_BYTES >> 20} MB each" in text
    assert f"at most {markdown.LIMIT:,} characters" in text


def test_every_kind_of_file_and_every_role_is_told():
    evidence = (ROOT / "docs" / "evidence.md").read_text()
    for word in ("docx", "PDF", "JPEG", "PNG", "WebP", "HEIC", "MP3", "M4A", "MP4", "QuickTime", "CSV", "ZIP", "Excel"):
        assert word in evidence
    assert {kind.label.split()[0] for kind in filekinds.KINDS.values()} <= set(re.findall(r"\w+", evidence)) | {"Plain"}
    words = (ROOT / "docs" / "words.md").read_text().lower()
    assert all(label.lower() in words for _, label in ROLES)
