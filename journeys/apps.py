from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "journeys"

    def ready(self) -> None:
        """Be nudged when profiles change, and be seen on the page of a person."""
        from journeys.models import Journey, ProviderAccount, Template
        from journeys.queries import changes_told, condition_sentences, overdue, set_aside, timeline
        from journeys.queries.segment_uses import uses
        from journeys.services import backtest, erasure, existing, portability, retention
        from journeys.wakeup import wake_inbox
        from omnichannel.accounts import audit
        from omnichannel.shared import autoload, metrics, slots
        from profiles.queries import origins, reach
        from profiles.services import erasure as people_erasure
        from profiles.services import usage
        from profiles.services.wake import register

        autoload.load_all("journeys.conditions")
        condition_sentences.register_all()
        register("journeys", wake_inbox)
        usage.register(uses)
        audit.track(Journey, ignore=["updated_at", "draft"], words=changes_told.JOURNEY)
        audit.track(Template, ignore=["updated_at"])
        of_accounts = ["updated_at", "error", "error_at"]
        audit.track(ProviderAccount, ignore=of_accounts, secret=["settings"], words=changes_told.ACCOUNT)
        slots.register("profile.side", "profile_journeys")
        slots.register("profile.main", "profile_messages")
        people_erasure.register(erasure.erase)
        portability.register_all()
        backtest.register()
        retention.register()
        timeline.register()
        reach.register(timeline.ways)
        existing.register()
        late = "People of a live journey whose time has passed by more than a minute."
        metrics.gauges.add("overdue_people", late, "journey", overdue.gauge)
        odd = "Changes of people that journeys could not handle; they are tried again."
        metrics.gauges.add("changes_set_aside", odd, "kind", set_aside.gauge)
        origins.register("journey", timeline.journey_names, _("by the journey “%(name)s”"))
