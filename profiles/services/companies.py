"""What marketers and programs change about a company by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from profiles.ingest import accounts
from profiles.ingest.attributes import clean
from profiles.models import Account


class CompanyError(ValueError):
    """What the rules do not allow; the text is for the person who asked."""


def change(company: Account, values: Mapping[str, Any], now: datetime) -> bool:
    """Set attributes, None removes one; segments that ask are told. Whether anything changed."""
    found, left_out = clean(values)
    if left_out:
        raise CompanyError(_("Not stored: %s") % left_out[0])
    with transaction.atomic():
        return accounts.change({company.key: found}, now)
