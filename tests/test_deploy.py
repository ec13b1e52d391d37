"""The files of `deploy/`: what needs no container runs here, on loopback, as committed but for ports and paths."""

from __future__ import annotations

import hashlib
import http.client
import http.cookiejar
import json
import os
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.people_builders import PASSWORD
from tests.processes import ROOT, environment
from tests.servers import free_port, listens, need, postgresql, running, until

DEPLOY = ROOT / "deploy"
ONE_FILE = """
import json
from assessment.models import EvidenceVersion
from courseware.people.models import Membership
rows = EvidenceVersion.objects.filter(kind="file", learner_unit__learner__name="ZEBRA-maya-name").select_related(
    "centre", "learner_unit", "learner_unit__learner__user")
away = Membership.objects.select_related("user").get(name="OKAPI-tutor-name")
row = rows.exclude(state="draft").order_by("-size", "pk")[0]
print(json.dumps({"uid": str(row.uid), "sha256": row.sha256, "size": row.size, "address": row.address,
    "type": row.media_type, "unit": str(row.learner_unit.uid),
    "learner": row.learner_unit.learner.user.email, "outsider": away.user.email}))
"""
pytestmark = [pytest.mark.process, pytest.mark.unmeasured]


class Kept(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Browser:
    """Somebody at a browser; every answer is status, headers and bytes."""

    site: str
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, Any, bytes]:
        trusting = ssl._create_unverified_context()
        opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.HTTPSHandler(context=trusting), Kept()
        )
        sent = {"Referer": f"{self.site}/"} | {name.replace("_", "-"): value for name, value in headers.items()}
        body = urllib.parse.urlencode(form).encode() if form else None
        try:
            with opener.open(urllib.request.Request(self.site + path, body, sent), timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers, answer.read()

    def sign_in(self, email: str) -> None:
        token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', self.ask("/sign-in/")[2])
        assert token
        form = {"csrfmiddlewaretoken": token[1].decode(), "login": email, "password": PASSWORD}
        assert self.ask("/sign-in/", form)[:1] == (302,)


@dataclass(frozen=True)
class Site:
    """The running site: its addresses, its variables, and one file of evidence."""

    plain: str
    secure: str
    data: Path
    variables: dict[str, str]
    urls: str
    file: dict[str, Any]

    def manage(self, *words: str) -> str:
        return self.python("manage.py", *words)

    def python(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def browser(self, email: str = "") -> Browser:
        browser = Browser(self.secure)
        if email:
            browser.sign_in(email)
        return browser

    @property
    def path(self) -> str:
        return f"/evidence/versions/{self.file['uid']}/file/"

    @property
    def bytes(self) -> Path:
        return self.data / "evidence" / self.file["address"]


def configured(folder: Path, ports: tuple[int, int]) -> Path:
    """The committed configuration with this machine's ports and paths, in the frame that nginx wants around it."""
    own = (DEPLOY / "nginx.conf").read_text()
    for theirs, ours in (
        ("listen 80;", f"listen 127.0.0.1:{ports[0]};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{ports[1]} ssl;"),
        ("unix:/run/courseware/web.sock", f"unix:{folder}/web.sock"),
        ("/etc/ssl/courseware/", f"{folder}/"),
        ("/var/lib/courseware/evidence/", f"{folder}/data/evidence/"),
    ):
        assert own.count(theirs) >= 1, theirs
        own = own.replace(theirs, ours)
    (folder / "courseware.conf").write_text(own)
    passing = "".join(f"{name}_temp_path {folder}/{name};" for name in "client_body proxy fastcgi uwsgi scgi".split())
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;"
        f"events {{}} http {{ access_log off; {passing} include {folder}/courseware.conf; }}"
    )
    return folder / "main.conf"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("deploy")
    nginx, openssl = need("nginx"), need("openssl")
    ports = free_port(), free_port()
    certificate = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -keyout {folder}/privkey.pem"
    subprocess.run([openssl, *certificate.split(), "-out", f"{folder}/fullchain.pem"], check=True, capture_output=True)
    secure = f"https://127.0.0.1:{ports[1]}"
    with postgresql() as urls:
        variables = environment(
            folder / "data",
            DATABASE_URL=urls.format("postgres"),
            COURSEWARE_HOSTS="127.0.0.1",
            COURSEWARE_PROXIES="1",
            COURSEWARE_URL=secure,
            COURSEWARE_ACCEL="/evidence-bytes/",
        )
        made = Site(f"http://127.0.0.1:{ports[0]}", secure, folder / "data", variables, urls, {})
        made.python("-m", "tests.populated", "migrate", "first")
        made = Site(
            made.plain, secure, made.data, variables, urls, json.loads(made.manage("shell", "-v0", "-c", ONE_FILE))
        )
        web = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--no-control-socket"]
        socket = folder / "web.sock"
        with (
            running(*web, "--bind", f"unix:{socket}", ready=socket.exists, cwd=ROOT, env=variables),
            running(nginx, "-c", str(configured(folder, ports)), ready=lambda: listens(ports[1])),
        ):
            yield made


def test_plain_http_is_sent_to_https_whatever_it_says_of_itself(site):
    status, headers, _ = Browser(site.plain).ask("/marking/?page=2", X_Forwarded_Proto="https")
    assert (status, headers["Location"]) == (301, "https://127.0.0.1/marking/?page=2")
    status, headers, _ = site.browser().ask("/")
    assert (status, headers["Location"]) == (302, "/sign-in/?next=/")
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_evidence_is_sent_by_nginx_whole_and_in_ranges_and_stays_harmless(site):
    browser = site.browser(site.file["learner"])
    status, headers, content = browser.ask(site.path)
    assert (status, hashlib.sha256(content).hexdigest()) == (200, site.file["sha256"])
    assert headers["Server"] == "nginx"
    assert headers["X-Accel-Redirect"] is None
    assert headers["Content-Type"] == site.file["type"]
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    status, headers, part = browser.ask(site.path, Range="bytes=10-19")
    assert (status, part) == (206, content[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{site.file['size']}"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert browser.ask(site.path, Range=f"bytes={site.file['size']}-")[0] == 416


def test_nobody_gets_evidence_past_the_site(site):
    content = site.bytes.read_bytes()
    learner = site.browser(site.file["learner"])
    for browser, path, expected in (
        (learner, f"/evidence-bytes/{site.file['address']}", 404),
        (learner, "/evidence-bytes/../secret-key", 404),
        (site.browser(), site.path, 302),
        (site.browser(site.file["outsider"]), site.path, 404),
    ):
        status, _, body = browser.ask(path)
        assert (status, content in body) == (expected, False), path


def test_a_file_in_parts_goes_through_as_it_comes_and_what_arrived_is_kept(site):
    learner = site.browser(site.file["learner"])
    unit, size = site.file["unit"], 600 << 20  # more than one request may have elsewhere
    page = learner.ask(f"/evidence/{unit}/upload/")[2]
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in learner.cookies)
    talk = {
        "Host": site.secure.removeprefix("https://"),
        "Cookie": cookies,
        "X-CSRFToken": token[1].decode(),
        "Referer": f"{site.secure}/",
        "Tus-Resumable": "1.0.0",
    }

    def ask(method: str, path: str, body: bytes = b"", **more: str) -> tuple[int, Any]:
        sent = talk | {name.replace("_", "-"): value for name, value in more.items()}
        line = http.client.HTTPSConnection(talk["Host"], context=ssl._create_unverified_context(), timeout=60)
        line.request(method, path, headers=sent)
        if body:
            line.send(body)
            line.close()  # and the rest never comes
            return 0, {}
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status, answer.headers

    assert ask("POST", f"/evidence/{unit}/uploads/", Upload_Length=str(size))[0] == 413, "the site counts by itself"
    status, headers = ask(
        "POST", f"/evidence/{unit}/uploads/", Upload_Length=str(400 << 20), Upload_Metadata="filename YS50eHQ="
    )
    assert status == 201
    address, part = headers["Location"], "application/offset+octet-stream"
    ask("PATCH", address, b"x" * (5 << 20), Upload_Offset="0", Content_Type=part, Content_Length=str(400 << 20))
    until(
        lambda: int(ask("HEAD", address)[1]["Upload-Offset"]) >= 4 << 20, "what arrived before the line broke is gone"
    )
    assert ask("DELETE", address)[0] == 204


def test_changed_bytes_are_not_handed_over(site):
    browser = site.browser(site.file["learner"])
    whole = site.bytes.read_bytes()
    site.bytes.chmod(0o600)
    try:
        site.bytes.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        status, _, body = browser.ask(site.path)
        assert (status, whole[:64] in body) == (500, False)
    finally:
        site.bytes.write_bytes(whole)
        site.bytes.chmod(0o440)
    assert browser.ask(site.path)[0] == 200


def test_a_backup_of_the_running_site_is_restored_into_another_and_its_record_is_whole(site, tmp_path):
    import psycopg

    need("pg_dump"), need("pg_restore")
    assert " 0 files" not in site.manage("backup", str(tmp_path / "backup"))
    assert " 0 files of evidence new" in site.manage("backup", str(tmp_path / "backup"))
    with psycopg.connect(site.urls.format("postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE restored")
    restored = restore(tmp_path, site.variables | {"DATABASE_URL": site.urls.format("restored")})
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert restored.stdout.endswith("The record is whole.\n")
    again = restore(tmp_path, site.variables | {"DATABASE_URL": site.urls.format("restored")})
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)


def restore(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DEPLOY / "restore"), str(folder / "backup"), str(folder / "restored")],
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_backup_on_sqlite_is_restored_and_its_record_is_whole(tmp_path):
    variables = environment(tmp_path / "data", COURSEWARE_HTTP="1")
    for words in (
        ("-m", "tests.populated", "migrate", "first"),
        ("manage.py", "backup", str(tmp_path / "backup")),
    ):
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    done = restore(tmp_path, variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The record is whole.\n")
    files = {path.name for path in (tmp_path / "data" / "evidence").glob("*/*/*")}
    assert files
    assert {path.name for path in (tmp_path / "restored" / "evidence").glob("*/*/*")} == files


def test_the_units_are_what_systemd_reads(tmp_path):
    analyse = need("systemd-analyze")
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text()
        for theirs, ours in (("/opt/courseware/.venv", sys.prefix), ("/opt/courseware", str(ROOT))):
            text = text.replace(theirs, ours)
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        [analyse, "verify", "--recursive-errors=no", *sorted(str(path) for path in tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if "courseware" in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_every_variable_of_the_examples_is_one_that_the_site_reads():
    read = (ROOT / "courseware" / "settings.py").read_text() + (ROOT / "docs" / "operations.md").read_text()
    for name in ("courseware.env", "compose.yaml", "Containerfile"):
        for variable in set(re.findall(r"\bCOURSEWARE_[A-Z_]+", (DEPLOY / name).read_text())):
            assert variable in read, f"{name}: {variable}"


def test_no_secret_and_no_data_gets_into_a_layer_of_the_image():
    assert "COPY . ." in (DEPLOY / "Containerfile").read_text(), "whatever is beside the code is copied"
    compose = (DEPLOY / "compose.yaml").read_text()
    secrets = set(re.findall(r"env_file: (\S+)", compose))
    assert "context: .." in compose
    assert secrets == {"secrets.env"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert not [line for line in ignored if line.startswith("!")], "nothing is taken back in"
    never = {".git", ".venv*", ".data", ".cache", ".*_cache", "**/__pycache__", "**/*.sqlite3*"}
    assert never | {f"deploy/{name}" for name in secrets} <= set(ignored)
    assert {f"deploy/{name}" for name in secrets} <= set((ROOT / ".gitignore").read_text().splitlines())
