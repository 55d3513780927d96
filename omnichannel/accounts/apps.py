from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "omnichannel.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Follow who changes the team, the keys and the workspace."""
        from omnichannel.accounts import changes_told
        from omnichannel.accounts.audit import track
        from omnichannel.accounts.models import ApiKey, User, Workspace

        track(User, ignore=["last_login", "theme"], secret=["password"], many=["groups"], words=changes_told.MEMBER)
        track(ApiKey, ignore=["last_used_at", "hash"], words=changes_told.KEY)
        track(Workspace, ignore=["simulation_on"])
