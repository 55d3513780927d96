from django.apps import AppConfig
from django.db.backends.signals import connection_created


class SharedConfig(AppConfig):
    name = "omnichannel.shared"
    label = "shared"

    def ready(self) -> None:
        from omnichannel.shared import moments

        connection_created.connect(moments.register, dispatch_uid="moments")
