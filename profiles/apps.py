from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        """Let the wake-ups reach their tasks."""
        from profiles import tasks
        from profiles.services import segments, wake

        wake.register("segments", tasks.wake_take)
        wake.register(segments.BUILD, tasks.wake_build)
