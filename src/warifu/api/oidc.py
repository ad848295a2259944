"""Machine doors of the OpenID Connect provider: its description, its keys, tokens for codes, what a token tells."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.credentials.actions import attempts, sharing
from warifu.credentials.queries import sharing as queries
from warifu.credentials.rules.sessions import network_address
from warifu.credentials.rules.sharing import SCOPES, level_name


@require_GET
def configuration(request: HttpRequest) -> HttpResponse:
    """What this provider can do (OpenID Connect Discovery 1.0)."""
    site = settings.WARIFU.site_url
    document = {
        "issuer": site,
        "authorization_endpoint": site + reverse("entrance:sharing.authorize"),
        "token_endpoint": site + reverse("oidc:token"),
        "userinfo_endpoint": site + reverse("oidc:userinfo"),
        "jwks_uri": site + reverse("oidc:jwks"),
        "end_session_endpoint": site + reverse("entrance:sharing.logout"),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [level_name(1), level_name(2)],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash",
            "name", "family_name", "given_name", "email", "roles", "organisation_code",
        ],
        "ui_locales_supported": ["ja", "en"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip
    return _kept_for(JsonResponse(document), 3600)


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys that sign ID tokens."""
    return _kept_for(JsonResponse({"keys": queries.jwks()}), 300)


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A code for tokens; a service proves itself with its secret, so no form's token is wanted."""
    at = timezone.now()
    address = _address(request)
    try:
        attempts.check(purpose="token.address", subject=address, at=at)
    except attempts.TooManyAttempts:
        return JsonResponse({"error": "temporarily_unavailable"}, status=429)
    headers = {"Authorization": request.headers.get("Authorization", "")}
    done = sharing.redeem(form=dict(request.POST.lists()), headers=headers, at=at)
    if done.status == 401:
        attempts.fail(purpose="token.address", subject=address, at=at)
    body = done.body if isinstance(done.body, dict) else dict(done.body)
    answer = JsonResponse(body, status=done.status)
    for name, value in done.headers:
        answer[name] = value
    answer["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """What the holder of a token may know, as long as the person's session runs."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    told = queries.told_by_token(token=given.strip(), at=timezone.now()) if scheme.lower() == "bearer" else None
    if told is None:
        answer = JsonResponse({"error": "invalid_token"}, status=401)
        answer["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer
    return JsonResponse(told)


def _kept_for(answer: HttpResponse, seconds: int) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={seconds}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _address(request: HttpRequest) -> str:
    return network_address(
        connected=request.META.get("REMOTE_ADDR", ""),
        forwarded_for=request.headers.get("X-Forwarded-For", ""),
        trusted=settings.WARIFU.trusted_proxies,
    )


app_name = "oidc"

urlpatterns = [
    path(".well-known/openid-configuration", configuration, name="configuration"),
    path("oidc/jwks", jwks, name="jwks"),
    path("oidc/token", token, name="token"),
    path("oidc/userinfo", userinfo, name="userinfo"),
]
