"""Who gets in, who may change what: and after a refusal nothing has changed."""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from auditlog.models import LogEntry
from django.core import mail
from django.test import Client

from omnichannel.accounts import audit, keys, team
from omnichannel.accounts.models import ApiKey, User, Workspace
from omnichannel.shared import clock
from profiles.models import Suppression, Topic

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
ADDRESSES = {
    "/": "analyst",
    "/search/?q=a": "analyst",
    "/settings/": "analyst",
    "/settings/you/": "analyst",
    "/settings/team/": "analyst",
    "/settings/keys/": "analyst",
    "/settings/audit/": "admin",
    "/sources/": "analyst",
    "/sources/arrivals/": "analyst",
    "/consent/": "analyst",
    "/consent/topics/new/": "analyst",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_open_for_those_who_may_and_lead_strangers_to_sign_in(
    address: str, client: Client, client_as: Callable[[str], Client]
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")
    for role in ("analyst", "marketer", "admin"):
        expected = 200 if ADDRESSES[address] == "analyst" or role == "admin" else 403
        assert client_as(role).get(address).status_code == expected, role


WRITES = [
    ("/settings/", {"name": "Taken", "timezone": "UTC", "currency": "EUR"}, "admin"),
    ("/settings/team/", {"email": "new@shop.example", "role": "admin"}, "admin"),
    ("/settings/team/{analyst}/role/", {"role": "admin"}, "admin"),
    ("/settings/team/{analyst}/deactivate/", {}, "admin"),
    ("/settings/keys/", {"name": "Mine", "kind": "api", "role": "admin"}, "admin"),
    ("/settings/keys/{key}/revoke/", {}, "admin"),
    ("/sources/", {"name": "Mine"}, "admin"),
    ("/consent/topics/new/", {"name": "News"}, "marketer"),
    ("/consent/topics/{topic}/", {"name": "Changed"}, "marketer"),
    ("/consent/topics/{topic}/delete/", {}, "marketer"),
    ("/consent/block/", {"addresses": "a@b.example"}, "marketer"),
    ("/consent/{blocked}/release/", {}, "marketer"),
]


def everything() -> dict[str, list[object]]:
    """All rows that the writes above could touch."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (User, User.groups.through, ApiKey, Workspace, Topic, Suppression)
    }


@pytest.mark.parametrize(("address", "form", "needed"), WRITES)
def test_writes_are_refused_below_the_role_and_change_nothing(
    address: str,
    form: dict[str, str],
    needed: str,
    now: datetime,
    analyst: User,
    client: Client,
    client_as: Callable[[str], Client],
) -> None:
    below = {"admin": ["analyst", "marketer"], "marketer": ["analyst"]}[needed]
    signed_in = {role: client_as(role) for role in (*below, needed)}
    Workspace.get()
    rows = {
        "analyst": analyst.pk,
        "key": ApiKey.issue("Export", "api")[0].pk,
        "topic": Topic.objects.create(slug="offers", name="Offers").pk,
        "blocked": Suppression.objects.create(kind="email", address="x@y.example", reason="bounced", at=now).pk,
    }
    before = everything()
    assert client.post(address.format(**rows), form).status_code == 302
    for role in below:
        assert signed_in[role].post(address.format(**rows), form).status_code == 403
    assert everything() == before
    assert signed_in[needed].post(address.format(**rows), form).status_code in (200, 302)
    assert everything() != before


def test_signing_in_and_out(client: Client, marketer: User, valkey: object) -> None:
    wrong = client.post("/accounts/login/", {"login": marketer.email, "password": "wrong"})
    assert wrong.status_code == 200 and "_auth_user_id" not in client.session
    right = client.post("/accounts/login/", {"login": marketer.email.upper(), "password": PASSWORD})
    assert (right.status_code, right["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(marketer.pk)
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_guessing_passwords_is_stopped(client: Client, marketer: User, valkey: object) -> None:
    for _attempt in range(5):
        client.post("/accounts/login/", {"login": marketer.email, "password": "wrong"})
    client.post("/accounts/login/", {"login": marketer.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_chosen_anew_once(client: Client, marketer: User, valkey: object) -> None:
    client.post("/accounts/password/reset/", {"email": "stranger@else.example"})
    assert mail.outbox == []
    client.post("/accounts/password/reset/", {"email": marketer.email})
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([marketer.email], "A new password for Omnichannel")
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(sent.body))
    assert link and "http://testserver/accounts/signup" not in sent.body
    form = client.get(link[1], follow=True)
    assert "Save the password" in form.content.decode()
    address = form.redirect_chain[-1][0]
    short = client.post(address, {"password1": "short", "password2": "short"})
    assert "at least 10 characters" in short.content.decode()
    fresh = "a much better password"
    done = client.post(address, {"password1": fresh, "password2": fresh}, follow=True)
    assert "Your new password is saved" in done.content.decode()
    assert client.login(email=marketer.email, password=fresh)
    client.logout()
    assert "This link no longer works" in client.get(link[1], follow=True).content.decode()


def test_a_second_factor_is_connected_and_asked_for(client: Client, marketer: User, valkey: object) -> None:
    login = {"login": marketer.email, "password": PASSWORD}
    client.post("/accounts/login/", login)
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Is it you?" in asked.content.decode()
    confirmed = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    page = client.post("/accounts/reauthenticate/", confirmed, follow=True)
    secret = page.context["form"].secret

    assert "Incorrect code" in client.post("/accounts/2fa/totp/activate/", {"code": "x"}).content.decode()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    done = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert "Your app is connected." in client.get("/accounts/2fa/").content.decode(), done.content.decode()
    kept = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    client.post("/accounts/logout/")

    asked = client.post("/accounts/login/", login, follow=True)
    assert "One more step" in asked.content.decode() and "_auth_user_id" not in client.session
    client.post("/accounts/2fa/authenticate/", {"code": kept})
    assert client.session["_auth_user_id"] == str(marketer.pk)


def test_nobody_signs_up_alone(client: Client) -> None:
    answer = client.post(
        "/accounts/signup/", {"email": "stranger@else.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert "by invitation" in answer.content.decode()
    assert not User.objects.exists()


def test_an_invitation_leads_in_once(client: Client, client_as: Callable[[str], Client]) -> None:
    client_as("admin").post("/settings/team/", {"email": "New@Shop.example", "name": "Nora", "role": "marketer"})
    user = User.objects.get(email="new@shop.example")
    assert (user.role, user.has_usable_password(), [one.to for one in mail.outbox]) == (
        "marketer",
        False,
        [["new@shop.example"]],
    )
    link = re.search(r"http://testserver(/welcome/\S+)", str(mail.outbox[0].body))
    assert link
    assert client.get(link[1]).status_code == 200
    assert client.post(link[1], {"new_password1": "short", "new_password2": "short"}).status_code == 422
    done = client.post(link[1], {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert (done.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))
    assert client.get(link[1]).status_code == 410


def test_an_invitation_ends_with_a_week_and_with_the_member(monkeypatch: pytest.MonkeyPatch) -> None:
    user = team.invite("late@shop.example", "", "analyst")
    token = team.invitation_token(user)
    assert team.invited(token) == user
    assert team.invited(token + "x") is None
    with monkeypatch.context() as patch:
        patch.setattr(team, "INVITATION_AGE", -1)
        assert team.invited(token) is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert team.invited(token) is None


def test_there_is_always_an_admin_left(admin: User, marketer: User) -> None:
    for lose in (lambda: team.change_role(admin, "marketer"), lambda: team.deactivate(admin)):
        with pytest.raises(team.TeamError, match="last admin"):
            lose()
    assert User.objects.get(pk=admin.pk).may("admin")
    team.change_role(marketer, "admin")
    assert marketer.may("admin")
    team.deactivate(admin)
    assert not User.objects.get(pk=admin.pk).is_active
    with pytest.raises(team.TeamError, match="last admin"):
        team.deactivate(marketer)


def test_who_was_let_go_is_out_at_once(client_as: Callable[[str], Client], admin: User, marketer: User) -> None:
    browser = client_as("marketer")
    assert browser.get("/settings/you/").status_code == 200
    team.deactivate(marketer)
    assert browser.get("/settings/you/").status_code == 302


def test_a_key_is_shown_once_and_stored_hashed(client_as: Callable[[str], Client]) -> None:
    page = client_as("admin").post("/settings/keys/", {"name": "Export", "kind": "api", "role": "analyst"})
    secret = re.search(r'value="(ak_[\w-]{32})"', page.content.decode())
    assert secret
    row = ApiKey.objects.get()
    assert secret[1] not in str(vars(row)) and row.prefix == secret[1][:8]
    assert secret[1] not in client_as("admin").get("/settings/keys/").content.decode()
    assert keys.find(secret[1], "api") == row
    assert keys.find(secret[1], "write") is None


def test_a_write_key_is_found_from_memory_until_it_is_revoked(
    now: datetime, admin: User, django_assert_num_queries: Callable[..., object]
) -> None:
    keys.forget()
    row, secret = ApiKey.issue("Shop", "write")
    assert keys.write_key_id(secret) == row.pk
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert keys.write_key_id(secret) == row.pk
    keys.revoke(row, by=admin, now=now)
    assert keys.write_key_id(secret) is None
    assert keys.write_key_id("wk_made-up") is None


def test_use_of_a_key_is_noted_once_a_minute(now: datetime) -> None:
    row, secret = ApiKey.issue("Export", "api")
    keys.find(secret, "api")
    clock.freeze(now + timedelta(seconds=59))
    keys.find(secret, "api")
    assert ApiKey.objects.get(pk=row.pk).last_used_at == now
    clock.freeze(now + timedelta(seconds=60))
    keys.find(secret, "api")
    assert ApiKey.objects.get(pk=row.pk).last_used_at == now + timedelta(seconds=60)


def test_changes_are_kept_in_words_without_secrets(client_as: Callable[[str], Client], marketer: User) -> None:
    browser = client_as("admin")
    browser.post(f"/settings/team/{marketer.pk}/role/", {"role": "analyst"})
    workspace = {"name": "Fernweg", "timezone": "europe/berlin", "currency": "EUR"}
    assert browser.post("/settings/", workspace).status_code == 302
    marketer.set_password("another long password")
    marketer.save()
    browser.post("/settings/keys/", {"name": "Export", "kind": "api", "role": "analyst"})
    lines = [f"{one.who} {one.what}" for one in audit.entries(LogEntry.objects.order_by("-pk")[:5])]
    assert lines[0] == "Admin created API key “Export”"
    assert lines[1] == "The system changed password of team member “Marketer”"
    assert lines[2] == "Admin changed name, timezone of workspace “Fernweg”"
    assert any(one == "Admin changed role of team member “Marketer”" for one in lines[3:])
    logged = str(list(LogEntry.objects.values_list("changes", flat=True)))
    assert marketer.password not in logged and ApiKey.objects.get().hash not in logged
    page = browser.get("/settings/audit/?thing=&who=&since=2020-01-01&until=nonsense").content.decode()
    assert "changed role of team member" in page


def test_a_zone_must_exist(client_as: Callable[[str], Client]) -> None:
    wrong = {"name": "Fernweg", "timezone": "Mars/Olympus", "currency": "EUR"}
    assert client_as("admin").post("/settings/", wrong).status_code == 422
    assert Workspace.get().timezone == "UTC"


def test_the_theme_is_remembered(client_as: Callable[[str], Client], analyst: User) -> None:
    browser = client_as("analyst")
    assert browser.post("/settings/theme/", {"theme": "dark"}).status_code == 204
    assert browser.post("/settings/theme/", {"theme": "pink"}).status_code == 400
    assert 'data-bs-theme="dark"' in browser.get("/settings/you/").content.decode()


def test_messages_of_fragments_travel_as_toasts(client_as: Callable[[str], Client], now: datetime) -> None:
    browser = client_as("marketer")
    browser.post("/consent/block/", {"addresses": "A@b.example\n+49 170 1234567\na@b.example"})
    assert set(Suppression.objects.values_list("kind", "address")) == {
        ("email", "a@b.example"),
        ("phone", "+491701234567"),
    }
    answer = browser.get("/sources/arrivals/", headers={"HX-Request": "true"})
    assert answer["HX-Trigger"] == '{"toast": {"value": [{"text": "2 addresses blocked.", "tone": "success"}]}}'


def test_errors_are_told_in_plain_words(client_as: Callable[[str], Client]) -> None:
    missing = client_as("analyst").get("/nothing-here/")
    assert missing.status_code == 404 and "There is nothing at this address" in missing.content.decode()
    refused = client_as("analyst").post("/sources/", {"name": "x"})
    assert refused.status_code == 403 and "Your role does not allow this" in refused.content.decode()
    assert re.search(r"<code>[0-9a-f]{8}</code>", refused.content.decode())


def test_a_form_from_before_the_last_sign_in_says_how_to_go_on(marketer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/settings/you/")
    answer = client.post("/settings/theme/", {"theme": "dark", "csrfmiddlewaretoken": "a" * 32})
    assert answer.status_code == 403
    assert "This form is too old" in answer.text
    assert "Go back, load the page again and send it once more." in answer.text
    marketer.refresh_from_db()
    assert marketer.theme == "auto"


@pytest.mark.parametrize("asked_by", [{"HX-Request": "true"}, {"X-Requested-With": "XMLHttpRequest"}])
def test_scripts_of_a_page_are_not_led_to_the_sign_in(client: Client, db: None, asked_by: dict[str, str]) -> None:
    strict = Client(enforce_csrf_checks=True)  # without a cookie of ours
    for answer in (
        client.get("/segments/", headers=asked_by),
        client.post("/settings/theme/", {"theme": "dark"}, headers=asked_by),
        client.get("/api/journeys/1/graph", headers=asked_by),
        strict.post("/api/journeys/1/draft/operations", headers=asked_by),
    ):
        assert (answer.status_code, answer.content) == (401, b"")
    assert client.get("/segments/")["Location"] == "/accounts/login/?next=/segments/"


def test_scripts_of_a_page_do_nothing_for_somebody_else(client: Client, marketer: User, analyst: User) -> None:
    client.force_login(marketer, backend="django.contrib.auth.backends.ModelBackend")
    answers = [
        client.post("/settings/theme/", {"theme": theme}, headers={"HX-Request": "true", "X-User": str(user.pk)})
        for user, theme in ((marketer, "dark"), (analyst, "light"))
    ]
    assert [answer.status_code for answer in answers] == [204, 401]
    marketer.refresh_from_db()
    assert marketer.theme == "dark"


@pytest.mark.parametrize("asked_by", [{"HX-Request": "true"}, {"X-Requested-With": "XMLHttpRequest"}])
def test_scripts_of_a_page_are_told_why_in_words(marketer: User, analyst: User, asked_by: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer, backend="django.contrib.auth.backends.ModelBackend")
    old = client.post("/settings/theme/", {"theme": "dark"}, headers=asked_by)
    assert (old.status_code, sorted(old.json())) == (403, ["error", "id"])
    assert old.json()["error"] == (
        "This page is too old. It was opened before the last sign-in in this browser, or the browser keeps no cookies. "
        "Nothing was changed. Load the page again and try once more."
    )
    reader = Client()
    reader.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    refused = reader.post("/sources/", {"name": "x"}, headers=asked_by)
    assert (refused.status_code, refused.json()["error"]) == (
        403,
        "Your role does not allow this. "
        "Nothing was changed. An admin of your team can do it, or give you another role.",
    )
