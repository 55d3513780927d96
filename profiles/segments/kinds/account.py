"""A question about the companies somebody belongs to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from profiles.segments.date_edges import date_edges
from profiles.segments.filters import label
from profiles.segments.fragment import Fragment, sql
from profiles.segments.history import rows
from profiles.segments.kind import Edge, People, register
from profiles.segments.operators import as_sql, have, test, value_in_words
from profiles.segments.question import Question
from profiles.segments.sets import Answer, Set
from profiles.segments.values import at_path, loads

Companies = Mapping[int, Sequence[Mapping[str, Any]]]  # profile: the attributes of each company


@register
@dataclass(frozen=True, slots=True)
class InAccount(Question):
    """Belongs to a company whose industry is Retail. With several companies, one of them has to match."""

    type: ClassVar[str] = "account"

    def words(self, names: Mapping[int, str]) -> str:
        """ "belong to companies that have industry Retail"."""
        return _("belong to companies that %s") % have(self.op, label(self.field), self.value)

    def answer(self, now: datetime) -> Answer:
        """The people of the companies that match."""
        matching = as_sql(self.op, Fragment("c.attributes"), self.field, self.value, now)
        return Set(
            sql(
                "SELECT m.profile_id AS id FROM profiles_accountmember m"
                " JOIN profiles_account c ON c.id = m.account_id WHERE {}",
                matching,
            ),
            repeats=True,
        )

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Companies:
        """One statement."""
        found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for ident, attributes in rows("companies", {"profiles": list(people)}):
            found[ident].append(loads(attributes))
        return found

    def holds(self, profile: int, facts: Companies, now: datetime) -> bool:
        """The same as `answer`."""
        return any(map(test(self.op, self.field, self.value, now), facts.get(profile, ())))

    def found(self, profile: int, facts: Companies, now: datetime) -> str:
        """The values of the companies."""
        companies = facts.get(profile, ())
        if not companies:
            return _("no company")
        values = [at_path(one, self.field) for one in companies]
        return ", ".join(_("not known") if v in (None, "") else str(value_in_words(v)) for v in values)

    def interests(self) -> set[tuple[str, str]]:
        """The outermost name of a nested path; and who joined a company, which has no name."""
        return {("account", self.field.split(".")[0]), ("account", "")}

    def blank(self) -> bool:
        """Somebody unknown belongs to none."""
        return False

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Dates among the attributes of companies that the clock has passed."""
        return date_edges(self.op, self.value, self.field, "companies", since, now)
