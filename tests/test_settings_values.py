"""Settings made from the environment, and what they promise of every answer."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from courseware.kit.compression import PageGZipMiddleware
from courseware.kit.database import database_from
from courseware.kit.mail import mail_from
from tests.processes import manage, python


def test_without_an_address_the_database_is_a_file_that_waits_for_its_turn(tmp_path):
    made = database_from("", tmp_path)
    assert made["NAME"] == tmp_path / "courseware.sqlite3"
    assert (made["OPTIONS"]["transaction_mode"], made["OPTIONS"]["timeout"]) == ("IMMEDIATE", 20)


def test_an_address_of_postgresql_is_read_part_by_part(tmp_path):
    made = database_from("postgresql://ann%40x:p%2Fw@db.example.org:5433/house", tmp_path)
    assert [made[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "ann@x",
        "p/w",
        "db.example.org",
        "5433",
        "house",
    ]
    assert "synchronous_commit=on" in made["OPTIONS"]["options"]
    assert "jit=off" in made["OPTIONS"]["options"]


def test_a_socket_of_postgresql_is_named_in_the_query(tmp_path):
    made = database_from("postgresql://ann@/house?host=/run/postgresql&port=5433", tmp_path)
    assert (made["HOST"], made["PORT"]) == ("/run/postgresql", "5433")


def test_another_kind_of_database_is_refused(tmp_path):
    with pytest.raises(ValueError, match="postgresql://"):
        database_from("mysql://localhost/house", tmp_path)


def test_without_a_server_mail_goes_into_the_data_folder(tmp_path):
    assert mail_from("", tmp_path) == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": tmp_path,
    }


@pytest.mark.parametrize(
    ("url", "port", "ssl", "tls"),
    [
        ("smtp://ann:p%40w@mail.example.org", 587, False, True),
        ("smtps://ann:p%40w@mail.example.org", 465, True, False),
        ("smtp://ann:p%40w@mail.example.org:2525", 2525, False, True),
        ("smtp+tls://ann:p%40w@mail.example.org", 587, False, True),
    ],
)
def test_mail_to_another_machine_is_always_encrypted(tmp_path, url, port, ssl, tls):
    made = mail_from(url, tmp_path)
    assert (made["EMAIL_HOST"], made["EMAIL_HOST_PASSWORD"]) == ("mail.example.org", "p@w")
    assert (made["EMAIL_PORT"], made["EMAIL_USE_SSL"], made["EMAIL_USE_TLS"]) == (port, ssl, tls)


@pytest.mark.parametrize(
    ("url", "port", "ssl", "tls"),
    [
        ("smtp://localhost", 25, False, False),
        ("smtp://127.0.0.1:1025", 1025, False, False),
        ("smtp://[::1]", 25, False, False),
        ("smtp+tls://localhost", 587, False, True),
        ("smtps://localhost", 465, True, False),
        ("smtp://ann:secret@localhost", 587, False, True),
        ("smtp://localhost.example.org", 587, False, True),
    ],
)
def test_mail_is_in_clear_only_within_the_machine_and_without_a_password(tmp_path, url, port, ssl, tls):
    made = mail_from(url, tmp_path)
    assert (made["EMAIL_PORT"], made["EMAIL_USE_SSL"], made["EMAIL_USE_TLS"]) == (port, ssl, tls)


def test_another_kind_of_mail_is_refused(tmp_path):
    with pytest.raises(ValueError, match="smtp://"):
        mail_from("imap://localhost", tmp_path)


def test_pages_are_compressed_and_downloads_are_not():
    request = RequestFactory(headers={"Accept-Encoding": "gzip"}).get("/")
    text = b"<p>One learner-unit, end to end.</p>" * 50
    page = PageGZipMiddleware(lambda _: HttpResponse(text))(request)
    assert (page["Content-Encoding"], gzip.decompress(page.content)) == ("gzip", text)
    download = PageGZipMiddleware(lambda _: StreamingHttpResponse([text], headers={"Content-Length": len(text)}))(
        request
    )
    assert (download["Content-Length"], b"".join(download)) == (str(len(text)), text)
    assert "Content-Encoding" not in download


def test_static_files_are_named_by_content_down_to_the_imports_of_modules(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "courseware.kit.static.StaticStorage"}}
    call_command("collectstatic", interactive=False, stdout=io.StringIO())
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith(("markdownx/", "mfa/", "django_htmx/ext/"))]
    hashed = re.compile(r"\.[0-9a-f]{12}\.")
    for name in names:
        if hashed.search(name) and name.endswith(".js") and not name.startswith("django_htmx/"):
            for imported in re.findall(r"""(?:from|import)\s*["'](\.[^"']+)["']""", (tmp_path / name).read_text()):
                assert hashed.search(imported), f"{name} imports {imported}"


def in_production(tmp_path: Path, code: str, **more: str) -> str:
    """What `code` prints in a process with the settings of a server."""
    server = {"COURSEWARE_HOSTS": "courseware.example.org", "DJANGO_SETTINGS_MODULE": "courseware.settings"}
    done = python(tmp_path, "-c", f"import django; django.setup()\n{code}", **server, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.process
def test_a_server_sends_people_to_https_and_cookies_only_there(tmp_path):
    code = (
        "from django.conf import settings as s; from django.test import Client;"
        "answer = Client().get('/', headers={'host': 'courseware.example.org'});"
        "print(answer.status_code, answer['Location'], s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    assert in_production(tmp_path, code) == "301 https://courseware.example.org/ True True"


@pytest.mark.process
def test_the_word_of_a_proxy_counts_only_where_one_is_named(tmp_path):
    code = "from django.conf import settings as s; print(getattr(s, 'SECURE_PROXY_SSL_HEADER', None))"
    assert in_production(tmp_path, code) == "None"
    assert in_production(tmp_path, code, COURSEWARE_PROXIES="1") == "('HTTP_X_FORWARDED_PROTO', 'https')"


@pytest.mark.process
def test_a_file_served_by_the_site_carries_the_headers_too(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "x.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    code = (
        "from django.test import Client; answer = Client().get('/static/x.svg', secure=True,"
        " headers={'host': 'courseware.example.org'}); print(answer.status_code);"
        "print('\\n'.join(f'{k}: {v}' for k, v in answer.headers.items()))"
    )
    shown = in_production(tmp_path, code)
    assert shown.startswith("200\n")
    for header in (
        "Content-Security-Policy: ",
        "default-src 'none'",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Referrer-Policy: same-origin",
        "Cross-Origin-Opener-Policy: same-origin",
        "Strict-Transport-Security: max-age=31536000; includeSubDomains; preload",
        "Permissions-Policy: ",
    ):
        assert header in shown


@pytest.mark.process
def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    done = manage(tmp_path / "file" / "data", "check")
    assert (done.returncode, done.stderr) == (
        1,
        f"manage.py: The data folder {tmp_path / 'file' / 'data'} cannot be written: Not a directory.\n",
    )
