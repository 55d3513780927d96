"""Lists of people and notes about them: who may do what, what is told, what a merge does."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omnichannel.accounts.models import User
from profiles.models import Change, Consent, ConsentChange, Interest, ListEntry, Note, PeopleList, Profile, Topic
from profiles.services import lists, notes
from profiles.services.consent import Word, say
from tests.builders import alias, calls, identify, profile
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def on(people: PeopleList) -> set[int]:
    return set(ListEntry.objects.filter(list=people).values_list("profile_id", flat=True))


def test_adding_and_removing_is_told_once() -> None:
    fair = lists.create("Fair", "", by=None, now=NOW)
    Interest.objects.create(consumer="segments", owner="segment:1", kind="list", key=str(fair.pk))
    ada, bob = profile(), profile()
    assert lists.add(fair, [ada.pk, bob.pk, bob.pk, 999_999], NOW, "import:7") == 2
    assert lists.add(fair, [ada.pk], NOW, "api") == 0
    assert lists.remove(fair, [bob.pk, 999_999], NOW) == 1
    assert on(fair) == {ada.pk}
    assert ListEntry.objects.get().source == "import:7"
    told = list(Change.objects.order_by("id").values_list("profile_id", "kind", "key", "data"))
    key = str(fair.pk)
    assert told == [
        (ada.pk, "list", key, {"on": True}),
        (bob.pk, "list", key, {"on": True}),
        (bob.pk, "list", key, {"on": False}),
    ]


def test_the_same_statements_for_two_and_for_fifty() -> None:
    counts = []
    for n in (2, 50):
        fair = lists.create(f"Fair {n}", "", by=None, now=NOW)
        ids = [profile().pk for _ in range(n)]
        with CaptureQueriesContext(connection) as captured:
            lists.add(fair, ids, NOW, "api")
            lists.remove(fair, ids, NOW)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_pasted_lines_find_people_and_name_the_unknown() -> None:
    calls(identify("u1", email="Ada@X.example"), identify("u2", phone="+49 30 1234"))
    ada, bob = Profile.objects.order_by("id")
    fair = lists.create("Fair", "", by=None, now=NOW)
    lists.add(fair, [bob.pk], NOW, "api")
    done = lists.paste(fair, "ada@x.EXAMPLE, +49301234\nu1\n\nnobody@x.example\n", NOW, "user:1")
    assert (done.added, done.already, list(done.unknown)) == (1, 1, ["nobody@x.example"])
    assert on(fair) == {ada.pk, bob.pk}
    with pytest.raises(lists.ListError, match="5,000"):
        lists.paste(fair, "\n".join(f"u{n}" for n in range(5_001)), NOW, "user:1")


def test_names_are_given_once() -> None:
    lists.create("Fair", "", by=None, now=NOW)
    other = lists.create("Shop", "", by=None, now=NOW)
    with pytest.raises(lists.ListError, match="already"):
        lists.create("Fair", "", by=None, now=NOW)
    with pytest.raises(lists.ListError, match="already"):
        lists.change(other, "Fair", "")


def test_a_merge_moves_entries_notes_and_consents(marketer: User) -> None:
    calls(identify("u1"), identify("u2"))
    first, second = Profile.objects.order_by("id")
    fair, shop = (lists.create(name, "", by=None, now=NOW) for name in ("Fair", "Shop"))
    lists.add(fair, [first.pk, second.pk], NOW, "api")
    lists.add(shop, [first.pk], NOW, "api")
    notes.write(first, "Likes tea", by=marketer, now=NOW)
    topic = Topic.objects.create(slug="news", name="News")
    say([Word(first.pk, topic.pk, "email", False, "form")], NOW)
    calls(alias("u1", "u2"))
    assert on(fair) == on(shop) == {second.pk}
    assert Note.objects.get().profile_id == second.pk
    assert ConsentChange.objects.get().profile_id == Consent.objects.get().profile_id == second.pk


def test_consents_keep_their_history() -> None:
    ada, topic = profile(), Topic.objects.create(slug="news", name="News")
    for subscribed in (True, True, False, True):
        say([Word(ada.pk, topic.pk, "", subscribed, "form")], NOW)
    assert list(ConsentChange.objects.order_by("id").values_list("subscribed", flat=True)) == [True, False, True]


def test_notes_belong_to_who_wrote_them(marketer: User, admin: User) -> None:
    ada = profile()
    mine, theirs = (notes.write(ada, f" {who} ", by=who, now=NOW) for who in (marketer, admin))
    notes.change(mine, "Prefers calls", by=marketer, now=NOW)
    mine.refresh_from_db()
    assert (mine.text, mine.edited_at) == ("Prefers calls", NOW)
    for refused in (
        lambda: notes.change(theirs, "x", by=marketer, now=NOW),
        lambda: notes.change(mine, "x", by=admin, now=NOW),
        lambda: notes.delete(theirs, by=marketer),
        lambda: notes.write(ada, "  ", by=marketer, now=NOW),
        lambda: notes.write(ada, "x" * 5_001, by=marketer, now=NOW),
    ):
        with pytest.raises(notes.NoteError):
            refused()
    notes.delete(mine, by=admin)
    assert Note.objects.get() == theirs
