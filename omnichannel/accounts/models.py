"""Marketers who log in, the keys of their programs, and the workspace they share."""

import hashlib
import secrets
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

ROLES = ("analyst", "marketer", "admin")  # each may do what those before it may


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, *, role: str = "marketer", **extra: Any) -> "User":
        """A user in the group of `role`."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """An admin who passes every check."""
        return self.create_user(email, password, role="admin", is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A marketer. The role is a Django group: analyst reads, marketer also writes, admin also sets up."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(max_length=5, default="auto")  # auto, light, dark
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("team member")

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def role(self) -> str:
        """The highest role held; empty for nobody."""
        held = set(self.groups.values_list("name", flat=True))
        return next((role for role in reversed(ROLES) if role in held), "")

    def may(self, role: str) -> bool:
        """Whether this user's role reaches `role`."""
        return self.is_active and self.role in ROLES and ROLES.index(self.role) >= ROLES.index(role)

    @property
    def is_staff(self) -> bool:
        """Nobody: there is no Django admin."""
        return False


def hash_key(key: str) -> str:
    """Keys are long and random, so a plain SHA-256 is enough and is quick on the ingest path."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKey(models.Model):
    """A program's key: `write` keys only ingest, `api` keys use the management API with a role. Stored hashed."""

    class Kind(models.TextChoices):
        WRITE = "write", _("Sending data in (write key)")
        API = "api", _("Managing through the API (API key)")

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    role = models.CharField(max_length=10, default="marketer")
    prefix = models.CharField(max_length=12)
    hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API key")

    def __str__(self) -> str:
        return self.name

    def may(self, role: str) -> bool:
        """Whether this key's role reaches `role`."""
        if self.kind != self.Kind.API or self.revoked_at is not None or self.role not in ROLES:
            return False
        return ROLES.index(self.role) >= ROLES.index(role)

    @classmethod
    def issue(cls, name: str, kind: str, *, role: str = "marketer", by: User | None = None) -> tuple["ApiKey", str]:
        """A new key and its secret text, which is never seen again."""
        key = ("wk_" if kind == cls.Kind.WRITE else "ak_") + secrets.token_urlsafe(24)
        row = cls.objects.create(name=name, kind=kind, role=role, prefix=key[:8], hash=hash_key(key), created_by=by)
        return row, key


class Workspace(models.Model):
    """The one company this installation belongs to: row 1."""

    name = models.CharField(max_length=120, default="My shop")
    timezone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    sender_name = models.CharField(max_length=120, blank=True)
    sender_email = models.EmailField(blank=True)
    postal_address = models.CharField(max_length=300, blank=True)
    simulation_on = models.BooleanField(default=False)  # sandbox: simulated customers browse, open and buy

    def __str__(self) -> str:
        return self.name

    @classmethod
    def get(cls) -> "Workspace":
        """The workspace, made on first use."""
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return ZoneInfo(self.timezone)
