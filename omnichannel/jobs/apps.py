from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "omnichannel.jobs"
    label = "jobs"
