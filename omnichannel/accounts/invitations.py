"""The e-mail that invites a new member."""

import logging

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User, Workspace

log = logging.getLogger(__name__)


def send(user: User, link: str, by: User) -> bool:
    """Mail the link; False if the mail server refused, so that the page can show the link instead."""
    workspace = Workspace.get()
    facts = {"user": user, "link": link, "by": by, "workspace": workspace}
    mail = EmailMultiAlternatives(
        subject=_("%(name)s invites you to %(workspace)s") % {"name": by, "workspace": workspace.name},
        body=render_to_string("accounts/invitation.txt", facts),
        to=[user.email],
    )
    mail.attach_alternative(render_to_string("accounts/invitation.html", facts), "text/html")
    try:
        return mail.send() == 1
    except OSError as error:  # SMTPException is one
        log.warning("Could not send an invitation: %s", error)
        return False
