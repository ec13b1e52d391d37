"""Settings: safe by default, everything that differs between machines from the environment.

| variable | meaning | without it |
|---|---|---|
| COURSEWARE_DATA | the one folder of what must be kept: database, evidence, keys | `.data` |
| DATABASE_URL | `postgresql://...` | SQLite in the data folder |
| COURSEWARE_SECRET_KEY | signs sessions and links | the file `secret-key` in the data folder |
| COURSEWARE_OLD_SECRET_KEYS | earlier ones, with spaces between: what was made with them still works | none |
| COURSEWARE_HOSTS | names this site answers to, with spaces between | this machine only |
| COURSEWARE_URL | where people reach this site, for links in letters | `http://127.0.0.1:8000` |
| COURSEWARE_HTTP | `1`: plain http, no TLS in front (this machine only) | https everywhere |
| COURSEWARE_PROXIES | how many proxies in front are ours | 0 |
| COURSEWARE_MAIL | `smtp://name:password@host:587` (STARTTLS), or `smtps://` | files in the data folder |
| COURSEWARE_MAIL_FROM | the sender's address | `courseware@localhost` |
| COURSEWARE_EVIDENCE_MAX_MB | the largest file of evidence | 500 |
| COURSEWARE_CLAMD | a virus scanner: clamd's socket, or `host:port` | nothing is scanned, and pages say so |
| COURSEWARE_ACCEL | where nginx in front finds evidence (`/evidence-bytes/`); it then sends it | we send it |
| COURSEWARE_DEBUG | `1`: development only | off |
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from courseware.kit.database import database_from
from courseware.kit.mail import mail_from

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("COURSEWARE_DATA") or BASE_DIR / ".data").resolve()
EVIDENCE_ROOT = DATA_DIR / "evidence"
STATIC_ROOT = DATA_DIR / "static"
# Uploads arrive on the file system where they will stay, so that keeping one is a rename.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
MAIL_DIR = DATA_DIR / "mail"
DEBUG = os.environ.get("COURSEWARE_DEBUG") == "1"
PLAIN_HTTP = os.environ.get("COURSEWARE_HTTP") == "1"
PROXIES = int(os.environ.get("COURSEWARE_PROXIES") or 0)

try:
    for _folder in (EVIDENCE_ROOT, FILE_UPLOAD_TEMP_DIR, MAIL_DIR, STATIC_ROOT):
        _folder.mkdir(parents=True, exist_ok=True, mode=0o700)
except OSError as error:
    raise ImproperlyConfigured(f"The data folder {DATA_DIR} cannot be written: {error.strerror}.") from error


def _secret_key() -> str:
    key = os.environ.get("COURSEWARE_SECRET_KEY", "")
    kept = DATA_DIR / "secret-key"
    if not key and kept.exists():
        key = kept.read_text().strip()
    if not key:
        raise ImproperlyConfigured("No secret key: `manage.py up` makes one, or set COURSEWARE_SECRET_KEY.")
    return key


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = os.environ.get("COURSEWARE_OLD_SECRET_KEYS", "").split()
ALLOWED_HOSTS = os.environ.get("COURSEWARE_HOSTS", "127.0.0.1 localhost [::1]").split()
BASE_URL = os.environ.get("COURSEWARE_URL") or "http://127.0.0.1:8000"
ROOT_URLCONF = "courseware.urls"
WSGI_APPLICATION = "courseware.wsgi.application"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "courseware.kit",
    "courseware.ledger",
    "courseware.people",
    "content",
    "assessment",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "courseware.kit.static.HouseStaticFilesConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "markdownx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Before whitenoise, so that static files carry the headers too.
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # After it: static files are compressed once, when collected.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "courseware.kit.compression.PageGZipMiddleware",
    # Refusals as pages, nothing typed lost when a session ends, no page in a shared cache.
    "courseware.kit.http.AnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "courseware.people.sessions.seen_middleware",
    "courseware.people.standing.standing_middleware",
    "courseware.people.gate.second_step_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "content" / "activities"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["courseware.kit.templates.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "courseware.kit.context.shell",
            ],
        },
    }
]
# What the frame of a page shows; the kit asks for it by name, because it must not know the domain.
SHELL_READING = "assessment.readings.shell.shell_for"
# What somebody still holds before a membership or a role ends; people's permissions ask it by name, as above.
DUTIES = "assessment.permissions.duties.against_leaving"
CSRF_FAILURE_VIEW = "courseware.kit.http.csrf_failure"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_TEMPLATE_PACK = "courseware"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("courseware",)
CRISPY_FAIL_SILENTLY = False

# -- What is kept ------------------------------------------------------------------------------------------------------

DATABASES = {"default": database_from(os.environ.get("DATABASE_URL", ""), DATA_DIR)}
# In the database, so that the limits on sign-in count over all processes. `up` makes its table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kit_cache",
        # At 300, the default, whoever tries many addresses would push the counts of their own tries out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "courseware.people.sessions"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# What a worker does every few seconds besides its tasks; each is safe to run twice and by several workers at once.
TICKS = ("assessment.notices.tick", "assessment.workflow.checking.tick")

# Should anything of the package render by itself, it renders as we do.
MARKDOWNX_MARKDOWNIFY_FUNCTION = "courseware.kit.markdown.render"
# Of one file shown in place: pages or slides, rows and columns of a sheet, seconds that it may take.
PREVIEW_LIMITS = {"pages": 50, "rows": 500, "columns": 40, "seconds": 120}
EVIDENCE_MAX_BYTES = int(os.environ.get("COURSEWARE_EVIDENCE_MAX_MB") or 500) * 1024 * 1024
CLAMD = os.environ.get("COURSEWARE_CLAMD", "")
EVIDENCE_ACCEL = os.environ.get("COURSEWARE_ACCEL", "")
# Whatever comes goes to disk as it comes: 40 phones sending films at once must fit into a small machine.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # all fields of one form that are not files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# -- Words and time ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# -- Static files ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "content.static.ScriptsFinder",
]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    # Evidence has its own storage, which flushes; nothing may fall back on a public media folder.
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "courseware.kit.static.StaticStorage"},
}

# -- Accounts: by e-mail and password; nobody signs up, people are invited ---------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "courseware.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# The administrator gives the address, and the single-use link sent to it proves it.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None  # asked on the sign-in page: classrooms share computers
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Django's own: allauth's keeps a second list of addresses in step, which would be a second truth.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a path
ACCOUNT_FORMS = {
    "login": "courseware.people.forms.SignInForm",
    "reset_password": "courseware.people.forms.ForgottenPasswordForm",
    "reset_password_from_key": "courseware.people.forms.NewPasswordForm",
    "change_password": "courseware.people.forms.ChangePasswordForm",
    "set_password": "courseware.people.forms.SetPasswordForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
# Per account: five wrong passwords in five minutes, whatever the network address. Per network address: failures only,
# because forty people behind one router sign in within a minute, and some mistype (`AccountAdapter.pre_authenticate`).
SIGN_IN_FAILURES_A_MINUTE = 80
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key",
    "reset_password": "80/m/ip,5/m/key",
    "reset_password_from_key": "80/m/ip",
    "change_password": "5/m/user",
    "signup": "5/m/ip",
}
# The second step. Pages and verbs are ours; of the library come the codes, the passkeys' mathematics and their table.
MFA_ADAPTER = "courseware.people.factors.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are proved by the first letter; the library's list of them is not kept
MFA_TOTP_ISSUER = "Courseware"
MFA_TOTP_TOLERANCE = 1  # a phone half a minute off; no code works twice (`proving.take_code`)
WRONG_CODES_A_DAY = 30  # per account, besides five in five minutes; a new password begins the count anew
CONFIRMED_FOR = 600  # seconds in which whoever signed in or gave the password again is taken for the same person
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # accounts brought from elsewhere; rehashed at sign-in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# -- Mail --------------------------------------------------------------------------------------------------------------

globals().update(mail_from(os.environ.get("COURSEWARE_MAIL", ""), MAIL_DIR))
DEFAULT_FROM_EMAIL = os.environ.get("COURSEWARE_MAIL_FROM", "courseware@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- Headers -----------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in (
        "accelerometer autoplay camera display-capture encrypted-media fullscreen geolocation gyroscope magnetometer "
        "microphone midi payment usb"
    ).split()
}
# A film in evidence may fill the screen.
PERMISSIONS_POLICY["fullscreen"] = ["self"]
# Passkeys are made and used on our own pages.
PERMISSIONS_POLICY["publickey-credentials-create"] = PERMISSIONS_POLICY["publickey-credentials-get"] = ["self"]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # however somebody signed in; "Keep me signed in" sets a date of its own
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not PLAIN_HTTP
if not PLAIN_HTTP:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- Log: one line per event on standard error; whoever runs the server decides where it goes --------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # A worker that is told to stop says so as a warning; a task that fails is an error.
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "ERROR"},
    },
}
