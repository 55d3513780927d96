"""All settings, read from the environment.

Production sets DATABASE_URL, REDIS_URL, EMAIL_URL, PUBLIC_URL, SECRET_KEY and ALLOWED_HOSTS. Else they come from
`.local/run/env.json`, which `omnichannel.embedded` writes while its own PostgreSQL and Valkey run.
"""

import json
import os
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from omnichannel.shared import logs

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = Path(os.environ.get("OMNICHANNEL_LOCAL", BASE_DIR / ".local"))

env = environ.Env()
if not os.environ.get("DATABASE_URL") and (LOCAL_DIR / "run" / "env.json").exists():
    for name, value in json.loads((LOCAL_DIR / "run" / "env.json").read_text()).items():
        os.environ.setdefault(name, value)

missing = [name for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY") if not os.environ.get(name)]
if missing:
    raise ImproperlyConfigured(
        f"Not set: {', '.join(missing)}. Set them in the environment, or start everything with 'make run', "
        "or run one command beside embedded services with 'python -m omnichannel.embedded exec -- COMMAND'."
    )

DEBUG = env.bool("DEBUG", default=False)
# The sandbox holds what must never exist in production: the time machine, simulated customers, the demo shop.
SANDBOX = env.bool("SANDBOX", default=False)
DEMO = env.bool("DEMO", default=SANDBOX)
SECRET_KEY = env.str("SECRET_KEY")
# Seal provider settings and sign public links; newest first, older ones still open. Empty: derived from SECRET_KEY.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
# Whether gateways that an admin types in may live in a private network (self-hosted ones do).
ALLOW_PRIVATE_OUTBOUND = env.bool("ALLOW_PRIVATE_OUTBOUND", default=SANDBOX)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEBUG else [])
if not DEBUG and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Not set: ALLOWED_HOSTS. List the host names this server answers to, split by commas.")
missing = [name for name in ("PUBLIC_URL", "EMAIL_URL") if not (DEBUG or SANDBOX or os.environ.get(name))]
if missing:
    raise ImproperlyConfigured(f"Not set: {', '.join(missing)}. See “In production” in docs/operations.md.")
CSRF_FAILURE_VIEW = "omnichannel.shared.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where customers reach tracking pixels, links and unsubscribe pages.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "polymorphic",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_vite",
    "rest_framework",
    "drf_spectacular",
    "omnichannel.shared",
    "omnichannel.accounts",
    "omnichannel.jobs",
    "profiles",
    "journeys",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "profiles.api.middleware.EventsFirst",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "omnichannel.accounts.middleware.SameUser",
    "omnichannel.accounts.middleware.ReaderZone",
    "omnichannel.accounts.middleware.HtmxToasts",
    "auditlog.middleware.AuditlogMiddleware",
    "omnichannel.shared.middleware.NoSuchValue",
]

ROOT_URLCONF = "omnichannel.urls"
WSGI_APPLICATION = "omnichannel.wsgi.application"
ASGI_APPLICATION = "omnichannel.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "omnichannel.shared.context.shell",
                "omnichannel.accounts.context.workspace",
                "omnichannel.jobs.context.bell",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "omnichannel.accounts.adapter.InviteOnlyAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed their address
# Failed sign-ins are counted by address, which behind a proxy is the one that the proxy names.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Omnichannel"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts come from an invitation, which has proved the address

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG.pop("EMAIL_BACKEND")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Omnichannel <hello@shop.example>")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static" / "dist", BASE_DIR / "static" / "public"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# What Vite builds carries its hash in the name and may be cached for ever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"
DJANGO_VITE = {"default": {"manifest_path": BASE_DIR / "static" / "dist" / "manifest.json"}}

MESSAGE_TAGS = {40: "danger"}  # messages.ERROR, in Bootstrap's word

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Everything that only makes sense behind TLS hangs on one switch, so that it cannot be half on.
HTTPS = env.bool("HTTPS", default=not (DEBUG or SANDBOX))
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "omnichannel.accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["omnichannel.accounts.permissions.RolePermission"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "omnichannel.shared.api.on_error",
    "DEFAULT_THROTTLE_CLASSES": ["omnichannel.shared.api.ApiThrottle"],
    "DEFAULT_THROTTLE_RATES": {"api": env.str("API_RATE", default="1200/min")},
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["omnichannel.shared.bodies.BoundedJSONParser"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Events that one write key may bring in a minute; 0: any number.
INGEST_PER_MINUTE = env.int("INGEST_PER_MINUTE", default=600_000)
SPECTACULAR_SETTINGS = {
    "TITLE": "Omnichannel API",
    "DESCRIPTION": "What the screens do, for programs. Events and people come in through the tracking API, /v1.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["omnichannel.accounts.permissions.RolePermission"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "SegmentState": "profiles.models.Segment.State",
        "JourneyState": "journeys.models.Journey.State",
        "MessageState": "journeys.models.Message.State",
        "DeliveryState": "journeys.models.Delivery.State",
        "JobState": "omnichannel.jobs.models.Job.State",
    },
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "profiles.tasks.*": {"queue": "segments"},
    "journeys.tasks.advance*": {"queue": "advance"},
    "journeys.tasks.inbox*": {"queue": "inbox"},
    "journeys.tasks.enter*": {"queue": "enter"},
    "journeys.tasks.send*": {"queue": "send"},
    "journeys.tasks.call*": {"queue": "call"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_keepalive": True, "health_check_interval": 10}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A tick that nobody took within five seconds is dropped: the next one does the same work.
CELERY_BEAT_SCHEDULE = {
    "profiles": {"task": "profiles.tasks.tick", "schedule": 1.0, "options": {"expires": 5}},
    "profiles-check": {"task": "profiles.tasks.check", "schedule": 300.0, "options": {"expires": 60}},
    "profiles-forget": {"task": "profiles.tasks.forget", "schedule": 600.0, "options": {"expires": 300}},
    "journeys": {"task": "journeys.tasks.tick", "schedule": 1.0, "options": {"expires": 5}},
    "journeys-tidy": {"task": "journeys.tasks.tidy", "schedule": 300.0, "options": {"expires": 60}},
    "journeys-compact": {"task": "journeys.tasks.compact", "schedule": 3600.0, "options": {"expires": 600}},
    "jobs": {"task": "omnichannel.jobs.tasks.tick", "schedule": 2.0, "options": {"expires": 5}},
    "heartbeat": {"task": "omnichannel.shared.tasks.heartbeat", "schedule": 2.0, "options": {"expires": 30}},
}
if SANDBOX:
    CELERY_BEAT_SCHEDULE["simulate"] = {"task": "journeys.tasks.simulate", "schedule": 5.0, "options": {"expires": 5}}
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())

LOGGING = logs.config(level=env.str("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_JSON", default=False))
