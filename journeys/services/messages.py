"""What people may do to messages by hand: try one, and send again what is unknown or failed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from journeys.contracts.channel import Channel, ContentError, Rendered
from journeys.contracts.provider import Accepted, Rejected, TryLater, Unreachable
from journeys.delivery import accounts, outbox
from journeys.delivery.facts import Claimed
from journeys.delivery.render import context, finish, unsubscribe_url
from journeys.delivery.settle import Settled, settle
from journeys.models import Message, Template
from journeys.registry import channels
from journeys.wakeup import wake_on_commit
from omnichannel.accounts.models import Workspace
from profiles.models import Profile


class NotSentError(ValueError):
    """A test could not be sent; the text says why."""


def send_test(
    template: Template,
    content: Mapping[str, Any],
    address: str,
    person: Profile | None,
    now: datetime,
    *,
    attributes: Mapping[str, Any] | None = None,
    event: Mapping[str, Any] | None = None,
) -> Message:
    """Send this content to an address, at once, filled for `person`. It counts nowhere."""
    own = person.attributes if person else {}
    filled = own if attributes is None else attributes
    channel = channels()[template.channel]
    to = channel.valid_address(address)
    if not to:
        raise NotSentError(_("“%(address)s” cannot be an address here.") % {"address": address})
    carrier = next((each for each in accounts.defaults(now) if each.channel.kind == template.channel), None)
    if carrier is None:
        raise NotSentError(_("No account carries this channel yet: set one up under Channels."))
    with outbox.sender() as ident:
        message = _begin(template, person, ident, carrier.account.pk, now)
        try:
            rendered = _rendered(channel, content, filled, event or {}, message, now)
        except ContentError as error:
            message.delete()
            raise NotSentError(str(error)) from error
        with carrier.provider.connect(carrier.settings) as connection:
            result = connection.send(rendered, to, idempotency_key=f"m{message.pk}")
        if isinstance(result, TryLater | Unreachable):
            result = Rejected(result.reason)  # nobody tries a test again but who asked for it
        settle(ident, [Settled(_claimed(message), result, message.profile_id, to, rendered)], now)
    message.refresh_from_db()
    if not isinstance(result, Accepted):
        raise NotSentError(result.reason)
    return message


def _begin(template: Template, person: Profile | None, sender: int, account_id: int, now: datetime) -> Message:
    """Unknown until the answer is there: a test that is cut short is never picked up by the outbox."""
    return Message.objects.create(
        profile_id=person.pk if person else 0,
        template_id=template.pk,
        channel=template.channel,
        state=Message.State.UNKNOWN,
        claimed_by=sender,
        account_id=account_id,
        created_at=now,
        due_at=now,
    )


def _rendered(
    channel: Channel,
    content: Mapping[str, Any],
    attributes: Mapping[str, Any],
    event: Mapping[str, Any],
    message: Message,
    now: datetime,
) -> Rendered:
    workspace, leave = Workspace.get(), unsubscribe_url(message.pk)
    values = context(attributes, profile_id=message.profile_id, workspace=workspace, event=event, unsubscribe_url=leave)
    return finish(channel, channel.render(content, values), message.pk, leave, workspace, now)


def send_again(message: Message, now: datetime) -> bool:
    """Only what is unknown or failed. False: it is something else by now."""
    states = (Message.State.UNKNOWN, Message.State.FAILED)
    waiting = {"state": Message.State.PENDING, "reason": "", "claimed_by": None, "attempts": 0, "due_at": now}
    done = Message.objects.filter(pk=message.pk, state__in=states, enrollment_id__isnull=False).update(**waiting)
    if done:
        wake_on_commit("send")
    return bool(done)


def _claimed(message: Message) -> Claimed:
    return Claimed(
        id=message.pk,
        enrollment_id=None,
        journey_id=None,
        version_id=None,
        node_id=None,
        profile_id=message.profile_id,
        template_id=message.template_id,
        channel=message.channel,
        topic_id=None,
        trigger_event_id=None,
        attempts=0,
        created_at=message.created_at,
    )
