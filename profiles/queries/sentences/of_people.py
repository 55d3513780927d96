"""The sentences of conditions about people themselves: attributes, company, segments, lists, consent, reach, chance."""

from django.utils.translation import gettext as _

from profiles.queries.sentences.tokens import (
    ATTRIBUTES,
    COMPANY,
    Sentence,
    field,
    number,
    period,
    pick,
    question,
    register,
    start,
    subject,
    text,
    word,
    yes_no,
)


def attribute() -> Sentence:
    """country is one of Germany, Austria."""
    known = start(
        "", "user", _("About the person"), {"type": "attribute", "field": "", "op": ""},
        fields="attributes", into="field", typed=_("something known about them"),
    )  # fmt: skip
    return Sentence("attribute", [known], [subject("user", at="field"), question(ATTRIBUTES)], "op")


def has_been() -> Sentence:
    """For a while: stage is trial, unchanged for 7 days."""
    raw = {"type": "has_been", "field": "", "op": "", "for": {"amount": 7, "unit": "days"}}
    return Sentence(
        "has_been",
        [start(_("Has been the same for a while"), "hourglass", _("About the person"), raw)],
        [
            subject("hourglass", text=_("For a while")),
            field(_("What"), "field", ATTRIBUTES),
            question(ATTRIBUTES),
            word(_("unchanged")),
            period(_("For how long"), "for", _("for {period}"), _("Say how long.")),
        ],
    )


def everybody() -> Sentence:
    """Everybody."""
    raw = {"type": "everybody"}
    return Sentence(
        "everybody", [start(_("Everybody"), "users", _("By chance"), raw)], [subject("users", text=_("Everybody"))]
    )


def account() -> Sentence:
    """Company: plan is enterprise."""
    known = start(
        "", "building", _("About their company"), {"type": "account", "field": "", "op": ""},
        fields="account", into="field", typed=_("something known about their company"),
    )  # fmt: skip
    tokens = [word(_("company")), subject("building", at="field"), question(COMPANY)]
    return Sentence("account", [known], tokens, "")


def segment() -> Sentence:
    """Segment: in “Regulars”."""
    raw = {"type": "segment", "segment": None, "in": True}
    return Sentence(
        "segment",
        [start("", "users-group", _("Segments"), raw, source="segments", into="segment")],
        [
            subject("users-group", text=_("Segment")),
            yes_no(_("In or not"), "in", _("in"), _("not in")),
            pick(_("Segment"), "segment", "segments", _("Choose a segment.")),
        ],
        "in",
    )


def people_list() -> Sentence:
    """List: on “Fair in Berlin”."""
    raw = {"type": "list", "list": None, "in": True}
    return Sentence(
        "list",
        [start("", "list-check", _("Lists"), raw, source="lists", into="list")],
        [
            subject("list-check", text=_("List")),
            yes_no(_("On it or not"), "in", _("on"), _("not on")),
            pick(_("List"), "list", "lists", _("Choose a list.")),
        ],
        "in",
    )


def consent() -> Sentence:
    """Agreed to the newsletter by e-mail."""
    raw = {"type": "consent", "topic": "", "channel": "", "subscribed": True}
    return Sentence(
        "consent",
        [start("", "circle-check", _("What they agreed to"), raw, source="topics", into="topic")],
        [
            subject("circle-check", text=_("Consent")),
            yes_no(_("Yes or no"), "subscribed", _("said yes to"), _("did not say yes to")),
            pick(_("Topic"), "topic", "topics", _("Choose a topic.")),
            pick(_("Channel"), "channel", "channels", "", none=_("on every channel"), empty=""),
        ],
        "subscribed",
    )


def reachable() -> Sentence:
    """Can be reached by e-mail."""
    return Sentence(
        "reachable",
        [
            start(
                "",
                "message-2",
                _("How to reach them"),
                {"type": "reachable", "by": "", "reachable": True},
                source="addresses",
                into="by",
            )
        ],
        [
            subject("message-2", text=_("Reach")),
            yes_no(_("Can or cannot"), "reachable", _("can be reached by"), _("cannot be reached by")),
            pick(_("How"), "by", "addresses", _("Choose how to reach people.")),
        ],
        "reachable",
    )


def identity() -> Sentence:
    """Known by user id."""
    return Sentence(
        "identity",
        [
            start(
                "",
                "id",
                _("What they are known by"),
                {"type": "identity", "kind": "", "has": True},
                source="identities",
                into="kind",
            )
        ],
        [
            subject("id", text=_("Identity")),
            yes_no(_("Has or has not"), "has", _("has"), _("has no")),
            pick(_("Kind"), "kind", "identities", _("Choose what they are known by."), typed=True),
        ],
        "has",
    )


def bucket() -> Sentence:
    """A random part: from 0 to 10 percent."""
    raw = {"type": "bucket", "from": 0, "to": 10, "salt": "share"}
    label = _("A random part of everybody")
    return Sentence(
        "bucket",
        [start(label, "dice-3", _("By chance"), raw, detail=_("always the same people"))],
        [
            subject("dice-3", text=_("Random part")),
            word(_("from")),
            number(_("From percent"), "from", 0, 100, one="{n} %", many="{n} %", whole=False),
            word(_("to")),
            number(_("To percent"), "to", 0, 100, one="{n} %", many="{n} %", whole=False),
            word(_("shuffled as")),
            text(_("Name of the shuffle"), "salt", _("Give a name.")),
        ],
    )


def register_all() -> None:
    """In the order of the menu."""
    for type, tell in {
        "attribute": attribute,
        "has_been": has_been,
        "account": account,
        "segment": segment,
        "list": people_list,
        "consent": consent,
        "reachable": reachable,
        "identity": identity,
        "bucket": bucket,
        "everybody": everybody,
    }.items():
        register(type, tell)
