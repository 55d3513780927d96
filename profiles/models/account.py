"""Companies that people belong to, as `group` calls tell of them."""

from django.db import models


class Account(models.Model):
    """One company. `key` is the group id of the calls; `attributes` are their traits, in snake_case."""

    key = models.TextField(unique=True)
    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "company"
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Its name, or its key."""
        return str(self.attributes.get("name") or self.key)


class AccountMember(models.Model):
    """One profile belongs to one company, since when."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="members")
    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "profile"], name="accountmember_once")]
