from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "omnichannel.shared"
    label = "shared"
