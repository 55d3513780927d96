from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"

    def ready(self) -> None:
        """Be nudged when profiles change."""
        from journeys.wakeup import wake_inbox
        from profiles.services.wake import register

        register("journeys", wake_inbox)
