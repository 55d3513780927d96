from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        """Let the wake-ups reach their tasks, and follow who changes what."""
        from omnichannel.accounts import audit
        from omnichannel.shared import metrics, slots
        from profiles import tasks
        from profiles.bulk import kinds as bulk
        from profiles.imports import kinds as imports
        from profiles.models import IdentitySettings, KeepRule, Note, PeopleList, Segment, Suppression, Topic
        from profiles.queries import changes_told, segment_history, timeline
        from profiles.queries.sentences import of_events, of_people, sources
        from profiles.services import segments, wake

        wake.register("segments", tasks.wake_take)
        wake.register(segments.BUILD, tasks.wake_build)
        audit.track(Segment, ignore=segments.BY_THEMSELVES)
        found = "Memberships that the last nightly check of a segment had to put right: there should be none."
        metrics.gauges.add("segment_check_differences", found, "segment", segment_history.checks)
        audit.track(KeepRule, ignore=["cursor"])
        audit.track(PeopleList, IdentitySettings)
        audit.track(Topic, words=changes_told.TOPIC)
        audit.track(Suppression, words=changes_told.ADDRESS)
        slots.register("profile.identity", "person_companies")
        slots.register("profile.identity", "person_identity")
        audit.track(Note, secret=["text"], words=changes_told.NOTE)
        imports.register()
        timeline.register()
        bulk.register()
        of_events.register_all()
        of_people.register_all()
        sources.register_all()
