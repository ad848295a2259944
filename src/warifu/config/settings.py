"""Django's settings, put together from `environment`; grouped by what they serve."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from warifu.config import environment
from warifu.config.logs import logging_config

try:
    WARIFU = environment.load()
except environment.WrongSetting as wrong:
    print(wrong, file=sys.stderr)  # noqa: T201
    raise

SOURCE = Path(__file__).resolve().parent.parent

# The house
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.messages",
    "django.forms",
    "django_htmx",
    "warifu.audit",
    "warifu.organisations",
    "warifu.notices",
    "warifu.cards",
    "warifu.credentials",
    "warifu.vault",
    "warifu.customers",
    "warifu.collection",
    "warifu.licences",
    "warifu.applications",
    "warifu.folders",
    "warifu.help",
    "warifu.web",
]
ROOT_URLCONF = "warifu.config.urls"
WSGI_APPLICATION = "warifu.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

# The doors
MIDDLEWARE = [
    "warifu.web.shared.middleware.request_id",
    "warifu.web.shared.middleware.metrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "warifu.web.shared.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "warifu.web.shared.middleware.session",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "warifu.web.shared.middleware.no_store",
    "warifu.web.shared.middleware.refusals",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "warifu.web.shared.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "warifu.web.templatetags.warifu",
            ],
        },
    }
]
FORM_RENDERER = "warifu.web.shared.forms.Renderer"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["warifu.web.shared.uploads.MemoryOnlyHandler"]

# Guard rails (V-08)
DEBUG = False
SECRET_KEY = WARIFU.secret_key.get_secret_value() or "practice-only-" + "0" * 50
ALLOWED_HOSTS = WARIFU.hosts
_HOST_PREFIX = "__Host-" if WARIFU.is_https else ""
SESSION_COOKIE = f"{_HOST_PREFIX}warifu"
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}warifu_csrf"
CSRF_COOKIE_SECURE = WARIFU.is_https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "warifu.web.shared.refusals.csrf_failed"
CSRF_TRUSTED_ORIGINS = [WARIFU.site_url]
SESSION_COOKIE_SECURE = WARIFU.is_https
LANGUAGE_COOKIE_NAME = f"{_HOST_PREFIX}warifu_language"
LANGUAGE_COOKIE_SECURE = WARIFU.is_https
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = WARIFU.is_production
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if WARIFU.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = WARIFU.is_https
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if WARIFU.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# Storage
DATABASES = WARIFU.databases
PASSWORD_HASHERS = ["warifu.credentials.passwords.OwaspArgon2"]

# Words
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "web" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

# Static files
STATIC_URL = "static/"
STATIC_ROOT = WARIFU.data_dir / "static"
STATICFILES_DIRS = [SOURCE / "web" / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "folders": WARIFU.folders_storage,
    "staticfiles": {"BACKEND": "warifu.web.shared.static.HashedNames"},
}

# Mail
EMAIL_HOST = WARIFU.mail_host
EMAIL_PORT = WARIFU.mail_port
EMAIL_HOST_USER = WARIFU.mail_user
EMAIL_HOST_PASSWORD = WARIFU.mail_password.get_secret_value()
EMAIL_USE_TLS = WARIFU.mail_security == "starttls"
EMAIL_USE_SSL = WARIFU.mail_security == "tls"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = WARIFU.mail_from or "warifu@localhost"

LOGGING_CONFIG = None
logging_config(WARIFU.log_level, plain=os.environ.get("WARIFU_PLAIN_LOGS") == "1")
