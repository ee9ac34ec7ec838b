"""Django's settings. Everything that an operator may change is an option of `options`."""

import os
import secrets
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from haidang.project import keeping, options
from haidang.project.demo.cast import CAST, PASSWORD

DATA_DIR: Path = options.read("HAIDANG_DATA_DIR")
DEBUG: bool = options.read("HAIDANG_DEBUG")
DEMO: bool = options.read("HAIDANG_DEMO")
DEMO_CAST = CAST if DEMO else ()
DEMO_PASSWORD = PASSWORD if DEMO else ""
ALLOWED_HOSTS: list[str] = options.read("HAIDANG_ALLOWED_HOSTS")


def _secret_key() -> str:
    """Return the configured key, or the one made at the first start."""
    if configured := options.read("HAIDANG_SECRET_KEY"):
        return str(configured)
    file = DATA_DIR / "secret_key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        keeping.keep(file, secrets.token_urlsafe(50))
    return file.read_text(encoding="ascii")


def database_url() -> str:
    """Return the outside server's address, or that of the running embedded server."""
    if configured := options.read("HAIDANG_DATABASE_URL"):
        return str(configured)
    written = DATA_DIR / "run" / "database.url"
    return written.read_text(encoding="utf-8").strip() if written.exists() else ""


def _database() -> dict[str, Any]:
    parts = conninfo_to_dict(database_url() or "postgresql://127.0.0.1:1/haidang")
    known = {"dbname", "user", "password", "host", "port"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "haidang"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: value for key, value in parts.items() if key not in known},
        "TEST": {"NAME": os.environ.get("HAIDANG_TEST_DATABASE", "test_haidang")},
    }


SECRET_KEY = _secret_key()
PUBLIC_URL: str = options.read("HAIDANG_PUBLIC_URL").rstrip("/") or (
    f"http://{options.read('HAIDANG_HOST')}:{options.read('HAIDANG_PORT')}"
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
DATABASES = {"default": _database()}
LAKE_URL: str = options.read("HAIDANG_LAKE_URL") or str(DATA_DIR / "lake")
S3_ENDPOINT: str = options.read("HAIDANG_S3_ENDPOINT")
S3_REGION: str = options.read("HAIDANG_S3_REGION")
S3_KEY_ID: str = options.read("HAIDANG_S3_KEY_ID")
S3_SECRET: str = options.read("HAIDANG_S3_SECRET")
LAKE_MEMORY_MB: int = options.read("HAIDANG_LAKE_MEMORY_MB")
LAKE_THREADS: int = options.read("HAIDANG_LAKE_THREADS")
REMINDER_MARKS: list[int] = options.read("HAIDANG_REMINDER_MARKS")
LAKE_KEEP_HOURS: int = options.read("HAIDANG_LAKE_KEEP_HOURS")
REMOVALS_COPY: str = options.read("HAIDANG_REMOVALS_COPY")
LAKE_CURSORS: int = options.read("HAIDANG_LAKE_CURSORS")
LAKE_BLOCKS_MB: int = options.read("HAIDANG_LAKE_BLOCKS_MB")
OPENLINEAGE_URL: str = options.read("HAIDANG_OPENLINEAGE_URL")
SPARK_MASTER: str = options.read("HAIDANG_SPARK_MASTER")
SPARK_SETTINGS: list[str] = options.read("HAIDANG_SPARK_SETTINGS")
PIPELINE_SECONDS: int = options.read("HAIDANG_PIPELINE_SECONDS")
MQTT_HOST: str = options.read("HAIDANG_MQTT_HOST")
MQTT_PORT: int = options.read("HAIDANG_MQTT_PORT")
READINGS_HOST: str = options.read("HAIDANG_READINGS_HOST")
READINGS_PORT: int = options.read("HAIDANG_READINGS_PORT")
MAX_UPLOAD_BYTES: int = options.read("HAIDANG_MAX_UPLOAD_MB") * 1024 * 1024
OUTSIDE_ADDRESSES: list[str] = options.read("HAIDANG_OUTSIDE_ADDRESSES")
WATCHED_FOLDERS: list[Path] = options.read("HAIDANG_WATCHED_FOLDERS")
MAIL_FROM: str = options.read("HAIDANG_MAIL_FROM")
_MAIL_SERVER: dict[str, Any] = options.read("HAIDANG_SMTP_URL")
HAS_MAIL_SERVER = bool(_MAIL_SERVER)
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if HAS_MAIL_SERVER else 'filebased'}.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20
globals().update(_MAIL_SERVER)

INSTALLED_APPS = [
    # upper tiers first: a template of an upper domain wins over a third party's
    "haidang.delivery.reporting",
    "haidang.delivery.dashboards",
    "haidang.action.operations",
    "haidang.action.alerts",
    "haidang.insight.indicators",
    "haidang.data.pipelines",
    "haidang.data.ingest",
    "haidang.data.warehouse",
    "haidang.data.protection",
    "haidang.data.catalogue",
    "haidang.foundation.obligations",
    "haidang.foundation.notifications",
    "haidang.foundation.access",
    "haidang.foundation.org",
    "haidang.foundation.calendar",
    "haidang.foundation.ui",
    "haidang.foundation.core",
    "ninja",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "haidang.foundation.ui.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "haidang.project.middleware.OwnErrors",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # must be first: it refuses a locked account
    "haidang.foundation.access.doors.backends.InPost",
]
CSRF_FAILURE_VIEW = "haidang.project.failures.not_allowed"
ROOT_URLCONF = "haidang.project.urls"
WSGI_APPLICATION = "haidang.project.wsgi.application"
AUTH_USER_MODEL = "access.Account"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",  # memory-hard
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # what an older data folder may hold
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "haidang.foundation.ui.chrome.context",
            ],
        },
    }
]
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"/ui/build/.+-[A-Z0-9]{8}\.\w+$"

# Every process writes to its own log, which the supervisor opened.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"log": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["log"], "level": "WARNING"},
    # Refused requests are answered, not logged; what broke is logged once, by `failures`.
    "loggers": {"django": {"handlers": [], "level": "ERROR"}, "django.request": {"level": 60}},
}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https:")

_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "haidang.foundation.access.doors.passwords.LengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {
        "NAME": f"{_VALIDATION}UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": f"{_VALIDATION}CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "haidang.foundation.access.doors.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
# Against one visitor axes acts first; this is for a guesser with many addresses.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,15/5m/key"}
_FORMS = "haidang.foundation.access.forms."
ACCOUNT_FORMS = {
    "login": f"{_FORMS}SignInForm",
    "reauthenticate": f"{_FORMS}PasswordAgainForm",
    "change_password": f"{_FORMS}ChangePasswordForm",
    "reset_password": f"{_FORMS}ResetPasswordForm",
    "reset_password_from_key": f"{_FORMS}NewPasswordForm",
}
MFA_ADAPTER = "haidang.foundation.access.doors.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": f"{_FORMS}CodeForm",
    "reauthenticate": f"{_FORMS}CodeAgainForm",
    "activate_totp": f"{_FORMS}ActivateCodesForm",
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says how long to wait
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "haidang.foundation.access.doors.lockout.username"
AXES_LOCKOUT_CALLABLE = "haidang.foundation.access.doors.lockout.answer"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
