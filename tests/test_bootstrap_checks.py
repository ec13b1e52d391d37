"""The house rules themselves: each is shown something that breaks it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from courseware.bootstrap import children, environment, house, main, suite, text_rules
from courseware.bootstrap.locks import stale_locks
from courseware.bootstrap.speech import Stop

pytestmark = pytest.mark.process


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Makes a committed project from names and texts."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)

    def make(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for command in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)

    return make


def test_a_path_of_somebodys_machine_is_found(project):
    project(README_DOT_md="run /" + "home/ann/x\n", fine_DOT_md="see /marking/home/x\n")
    assert text_rules.strangers() == (False, "README.md:1: /" + "home/a")


def test_a_host_of_a_registry_is_found(project):
    project(base_DOT_lock="--index" + "-url https://py" + "pi.org/simple\n")
    assert text_rules.strangers() == (False, "base.lock:1: index" + "-url")


def test_lengths_beyond_the_most_fail_and_beyond_the_aim_are_remarked(project):
    body = "    x = 1\n"
    project(
        a_DOT_py="def much():\n" + body * 60,
        b_DOT_py="def some():\n" + body * 40,
        tests__test_c_DOT_py="def test_c():\n" + body * 70,
        templates__t_DOT_html="<p>\n" * 121,
        static__s_DOT_js="x;\n" * 101,
        app__migrations__0001_DOT_py="x = 1\n" * 900,
    )
    holds, said = text_rules.lengths()
    assert not holds
    assert said.splitlines() == [
        "a.py: much: 61 lines, at most 60",
        "b.py: some: 41 lines, aim 40",
        "static/s.js: 101 lines, aim 100",
        "templates/t.html: 121 lines, aim 120",
        "tests/test_c.py: test_c: 71 lines, aim 40",
    ]


def test_a_template_that_nobody_names_is_found(project):
    project(
        templates__units__page_DOT_html="{% include 'units/_part.html' %}",
        templates__units___part_DOT_html="",
        templates__units__lost_DOT_html="",
        templates__account__login_DOT_html="",
        templates__404_DOT_html="",
        views_DOT_py="render(request, 'units/page.html')",
    )
    assert text_rules.unused_templates() == (False, "units/lost.html")


def test_a_lock_that_does_not_follow_from_its_source_is_found(tmp_path, monkeypatch):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.in").write_text("# nothing\n")
    (tmp_path / "requirements" / "base.lock").write_text("")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    uv = environment.Path(sys.prefix) / "bin" / "uv"
    assert stale_locks(uv) == (True, "")
    (tmp_path / "requirements" / "base.lock").write_text("# somebody wrote this by hand\n")
    holds, said = stale_locks(uv)
    assert not holds
    assert said.startswith("base.lock is not what base.in gives")
    (tmp_path / "requirements" / "base.in").write_text("no package name!\n")
    assert stale_locks(uv)[0] is False


def test_without_an_index_the_locks_are_said_to_be_unchecked(tmp_path, monkeypatch):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.in").write_text("django\n")
    (tmp_path / "requirements" / "base.lock").write_text("")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'error sending request' >&2\nexit 2\n")
    uv.chmod(0o755)
    assert stale_locks(uv) == (True, "NOT CHECKED: no package index could be reached (base.in)")


def test_one_check_can_be_run_alone_and_a_failing_one_fails_the_run(capsys, monkeypatch):
    monkeypatch.setenv("COURSEWARE_VENV", sys.prefix)
    monkeypatch.setattr(environment, "ensure", lambda _: environment.python())
    assert main(["checks", "--only", "every template"]) in (0, 1)
    assert "every template is used" in capsys.readouterr().out
    monkeypatch.setattr(text_rules, "lengths", lambda: (False, "too long"))
    assert main(["checks", "--only", "lengths"]) == 1
    out = capsys.readouterr().out
    assert "FAILED  lengths" in out
    assert "          too long" in out
    assert out.endswith("checks: failed: lengths of files and functions\n")


def test_what_a_failing_tool_prints_is_its_reason_cut_where_it_gets_endless():
    holds, said = house._tool(sys.executable, "-c", "print('x\\n' * 500); raise SystemExit(1)")()
    assert not holds
    assert said.splitlines() == ["x"] * house.MOST_LINES + ["..."]
    assert house._tool(sys.executable, "-c", "print('fine')")() == (True, "")


def test_the_floors_are_checked_when_asked(tmp_path):
    names = [check.name for check in house._all(tmp_path, tmp_path, coverage=True)]
    assert names[-5:] == [
        f"coverage of {what}" for what in ("kit", "permissions", "workflow", "readings", "everything")
    ]


def test_a_child_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "PATIENCE", 0.5)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    said = tmp_path / "said"
    with said.open("w") as out:
        child = subprocess.Popen([sys.executable, "-c", deaf], stdout=out, start_new_session=True)
    while not said.read_text():
        pass
    children.stop(child)
    assert child.returncode == -signal.SIGKILL


# -- The browser -------------------------------------------------------------------------------------------------------


def programs(folder, **texts: str) -> str:
    """A PATH of one folder that has nothing but these scripts."""
    for name, text in texts.items():
        path = folder / name.replace("_", "-")
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
    return str(folder)


def test_a_browser_that_is_there_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEWARE_CHROMIUM", "/opt/browser")
    assert suite._browser("python") == "/opt/browser"
    monkeypatch.delenv("COURSEWARE_CHROMIUM")
    monkeypatch.setenv("PATH", programs(tmp_path, chromium="exit 0"))
    assert suite._browser("python") == str(tmp_path / "chromium")


def test_without_one_debian_is_asked_then_playwright_then_the_person(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEWARE_CHROMIUM", raising=False)
    install = (
        f'if [ "$1" = install ]; then printf "#!/bin/sh" > {tmp_path}/chromium; /bin/chmod +x {tmp_path}/chromium; fi'
    )
    monkeypatch.setenv("PATH", programs(tmp_path, apt_get=install))
    monkeypatch.setattr(suite.os, "geteuid", lambda: 0)
    assert suite._browser("python") == str(tmp_path / "chromium")
    (tmp_path / "chromium").unlink()
    programs(tmp_path, apt_get="exit 1", fine="exit 0", broken="exit 1")
    assert suite._browser(str(tmp_path / "fine")) == ""
    with pytest.raises(Stop, match="No Chromium"):
        suite._browser(str(tmp_path / "broken"))


# -- A Python without venv ---------------------------------------------------------------------------------------------


@pytest.fixture
def half_python(tmp_path, monkeypatch):
    """Debian's Python: venv is there, what it needs is not."""
    halves = programs(tmp_path, half="exit 1")
    monkeypatch.setattr(environment.sys, "executable", f"{halves}/half")
    monkeypatch.setenv("PATH", halves)
    return tmp_path


def test_without_venv_the_one_command_is_said(half_python, monkeypatch):
    with pytest.raises(Stop, match="install your system's package"):
        environment._need_ensurepip()
    programs(half_python, apt_get="exit 0")
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    with pytest.raises(Stop, match=r"type `sudo apt-get install -y python3\.\d+-venv`"):
        environment._need_ensurepip()


def test_as_root_on_debian_venv_is_installed(half_python, monkeypatch, capsys):
    monkeypatch.setattr(environment.os, "geteuid", lambda: 0)
    programs(half_python, apt_get="exit 0")
    environment._need_ensurepip()
    assert "installing python3" in capsys.readouterr().out
    programs(half_python, apt_get="exit 1")
    with pytest.raises(Stop, match="failed: run it by hand"):
        environment._need_ensurepip()
