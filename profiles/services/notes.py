"""Notes about people: written, changed by who wrote them, deleted by who wrote them or an admin."""

from datetime import datetime

from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from profiles.models import Note, Profile

LONGEST = 5_000


class NoteError(ValueError):
    """What the rules do not allow; the text is for the person who asked."""


def write(profile: Profile, text: str, *, by: User | None, now: datetime) -> Note:
    """A new note."""
    return Note.objects.create(profile=profile, text=_clean(text), by=by, at=now)


def change(note: Note, text: str, *, by: User, now: datetime) -> None:
    """Another text; it says that it was changed."""
    if note.by_id != by.pk:
        raise NoteError(_("Only who wrote a note can change it."))
    note.text, note.edited_at = _clean(text), now
    note.save(update_fields=["text", "edited_at"])


def delete(note: Note, *, by: User) -> None:
    """Gone."""
    if note.by_id != by.pk and not by.may("admin"):
        raise NoteError(_("Only who wrote a note, or an admin, can delete it."))
    note.delete()


def _clean(text: str) -> str:
    kept = text.replace("\0", "").strip()
    if not kept:
        raise NoteError(_("Write a few words first."))
    if len(kept) > LONGEST:
        raise NoteError(_("A note has at most 5,000 letters."))
    return kept
