"""The first day: which of the first five steps are done."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from journeys.models import Journey
from omnichannel.accounts.models import User
from profiles.models import Event, Profile, Segment


@dataclass(frozen=True)
class GuideStep:
    """One step of the guide, the address name that leads to it, and whether it is done."""

    title: str
    text: str
    url_name: str
    label: str
    done: bool


def is_first_day() -> bool:
    """Whether no journey was ever published: then Home is a guide."""
    return not Journey.objects.exclude(live=None).exists()


def steps() -> list[GuideStep]:
    """The way from nothing to a first journey, in order."""
    came_in = Event.objects.exclude(kind__in=("message", "journey")).exists()
    words = [
        (_("Connect a source"), _("Your shop or app sends what people do. A few lines of code."), "sources"),
        (
            _("Bring people in"),
            _("They appear by themselves as events arrive, or send those you know already."),
            "people",
        ),
        (_("Build a segment"), _("Who bought twice? Who went quiet? Pick it by clicking."), "segment_new"),
        (
            _("Draw a journey"),
            _("What should happen, when, and to whom. Publish when it reads well."),
            "journey_new",
        ),
        (_("Invite the team"), _("Marketers build, analysts look on, admins set up."), "team"),
    ]
    labels = (_("Connect"), _("See people"), _("Build"), _("Draw"), _("Invite"))
    done = (
        came_in,
        Profile.objects.exists(),
        Segment.objects.exists(),
        Journey.objects.exists(),
        User.objects.filter(is_active=True).count() > 1,
    )
    return [
        GuideStep(title, text, url_name, label, is_done)
        for (title, text, url_name), label, is_done in zip(words, labels, done, strict=True)
    ]
