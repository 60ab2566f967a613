"""Settings: ``config/settings.toml``, each overridable by an environment variable ``SCOUT_*``."""

import contextlib
import os
import re
import secrets
import tomllib
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from models.settings_mail import is_loopback, mail_out_problem, mail_problem
from models.words import Role

#: Folder that holds ``config/`` in a checkout.
CHECKOUT = Path(__file__).resolve().parent.parent
#: Configuration files shipped inside an installed package (see pyproject: force-include).
SHIPPED_CONFIG = Path(__file__).resolve().parent / "data" / "config"

#: What a group of the identity provider may stand for.
PROVIDER_ROLE = re.compile(
    "|".join(role.value for role in Role if role is not Role.MUNICIPALITY)
    + rf"|{Role.MUNICIPALITY.value}:GM[0-9]{{4}}"
)


#: Platforms whose terms bar automated reading (read on 2026-11-21), and a Mastodon server that bars automated
#: collection since 2025-07-01.
BLOCKED_HOSTS = (
    "facebook.com",
    "fb.com",
    "fb.watch",
    "instagram.com",
    "threads.net",
    "threads.com",
    "x.com",
    "twitter.com",
    "t.co",
    "linkedin.com",
    "lnkd.in",
    "nextdoor.com",
    "nextdoor.nl",
    "reddit.com",
    "redd.it",
    "t.me",
    "telegram.org",
    "telegram.me",
    "whatsapp.com",
    "tiktok.com",
    "mastodon.social",
)


class SettingsError(Exception):
    """A setting can't be used; the message says which, where it stands and what to do."""


class Settings(BaseSettings):
    """All settings. Relative paths start at the current folder.

    Raises:
        SettingsError: only from :func:`load_settings`, which callers use.
    """

    model_config = SettingsConfigDict(env_prefix="SCOUT_", extra="forbid", frozen=True)

    #: Folder for the database, the model, the secret key and lock files.
    var: Path = Path("var")
    #: SQLAlchemy address; empty = SQLite inside ``var``.
    database_url: str = ""
    #: Folder with settings.toml, sources/*.toml and labels.toml.
    config: Path = Path("config")
    #: Sent with every request; empty = name, version and contact.
    user_agent: str = ""
    #: Address or page at which site owners reach us; sent in the User-Agent.
    contact: str = ""
    #: Full texts are kept this many days at most (DESIGN 7).
    keep_text_days: int = Field(default=30, ge=0, le=365)
    #: Seconds until a request is given up.
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    #: Seconds between two requests to one host; None = 1, and 0 for private addresses.
    delay_seconds: float | None = Field(default=None, ge=0, le=3600)
    #: Connect to loopback, private, link-local and metadata addresses too, on any port.
    allow_private_addresses: bool = False
    #: Hosts, with all below them, that are never asked for anything: their terms forbid it. What stands there
    #: is handed in by people. The default is :data:`BLOCKED_HOSTS`.
    blocked_hosts: tuple[str, ...] = BLOCKED_HOSTS
    #: Items published longer ago than this are counted as too_old.
    max_age_days: int = Field(default=365, ge=1)
    #: Part of an equal share of the queue that a municipality has for certain; the rest goes by likelihood.
    attention_guaranteed: float = Field(default=0.25, gt=0, le=1)
    #: Of ten places of a municipality, how many are for likely leads, for uncertain ones and for drawn ones.
    attention_likely: float = Field(default=7, gt=0, le=100)
    attention_uncertain: float = Field(default=2, gt=0, le=100)
    attention_drawn: float = Field(default=1, gt=0, le=100)
    #: Of the items below the threshold, the share that is drawn for review: of those that score at least
    #: ``draw_near_from`` of the threshold, and of the rest.
    draw_near: float = Field(default=0.03, ge=0, le=1)
    draw_far: float = Field(default=0.005, ge=0, le=1)
    draw_near_from: float = Field(default=0.2, ge=0, le=1)
    #: Of the decisions that say whether something is an initiative, the share that somebody else judges again
    #: without knowing the first; 0 = none.
    second_look_share: float = Field(default=0.05, ge=0, le=1)
    #: Signs sessions and keys all hashes; empty = generated into ``var``.
    secret_key: str = Field(default="", repr=False)
    #: Demands contact, secret key, HTTPS and a DPIA reference.
    production: bool = False
    #: Reference of the data protection impact assessment; demanded in production.
    dpia_ref: str = ""
    #: Public address of the review pages, e.g. ``https://scout.example.nl``; demanded (https) in production.
    public_url: str = ""
    #: Whether accounts with a password need a second step: ``optional`` or ``required``; empty = required in
    #: production, else optional.
    two_factor: Literal["", "optional", "required"] = ""
    #: Address of the identity provider (OpenID Connect); empty = everybody signs in here.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    #: What its button says after "Aanmelden met".
    oidc_name: str = Field(default="uw werkaccount", max_length=60)
    #: Claim that holds the groups of whoever signs in.
    oidc_groups_claim: str = "groups"
    #: Group -> role, or ``gemeente:`` and a CBS code; a table ``[oidc_roles]`` in the file, JSON in the
    #: environment.
    oidc_roles: dict[str, str] = Field(default_factory=dict)
    #: How it is known that a second step was asked for: ``amr`` (the provider says so at each sign-in) or
    #: ``trusted`` (it is set to always ask).
    oidc_mfa: Literal["amr", "trusted"] = "amr"
    #: Word that whoever reads ``/metrics`` must send (``Authorization: Bearer …``), at least
    #: 16 characters; empty = there is no such page.
    metrics_token: str = Field(default="", repr=False, pattern=r"^([!-~]{16,200})?$")

    #: Where e-mail comes in that people hand things in with: path of a maildir, or ``imaps://user@host/folder``;
    #: empty = nowhere.
    mail_in: str = ""
    mail_password: str = Field(default="", repr=False)
    #: Addresses that may hand in by e-mail besides those of accounts.
    mail_senders: tuple[str, ...] = ()
    #: Name under which our receiving mail server writes ``Authentication-Results``; mail without its
    #: ``dmarc=pass`` is refused.
    mail_authserv: str = ""
    #: Only mail that was checked before comes into the folder: no such header is needed.
    mail_trusted: bool = False

    #: Mail server that digests and invitations go out by: ``smtp://user@host:587`` (with STARTTLS) or
    #: ``smtps://user@host``; empty = no e-mail is sent.
    mail_out: str = ""
    mail_out_password: str = Field(default="", repr=False)
    #: Whom they come from: an address that people may answer to.
    mail_from: str = ""
    #: Who tells, in events for other systems (CloudEvents ``source``).
    events_source: str = Field(
        default="urn:nld:participatienetwerk:scout", pattern=r"^urn:[a-z0-9:.-]{1,200}$"
    )
    #: Requests a minute that one client of the API may make.
    api_rate: int = Field(default=600, ge=1, le=100_000)

    #: Euro an inhabitant a year that a municipality contributes.
    contribution_per_inhabitant: Decimal = Field(default=Decimal("0.30"), ge=0, le=100, decimal_places=4)
    #: Euro a year that the contributions are held against; 0 = there is no budget.
    network_budget: Decimal = Field(default=Decimal(0), ge=0, le=1_000_000_000, decimal_places=2)
    #: Bounds of the network: municipalities at least and at most, and inhabitants together at least.
    network_least: int = Field(default=10, ge=1, le=1000)
    network_most: int = Field(default=20, ge=1, le=1000)
    network_inhabitants: int = Field(default=500_000, ge=0, le=100_000_000)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The environment wins over what load_settings read from settings.toml.
        return env_settings, init_settings

    @field_validator("delay_seconds", mode="before")
    @classmethod
    def _empty_delay_is_the_default(cls, value: Any) -> Any:
        return None if value == "" else value

    @model_validator(mode="after")
    def _production_demands(self) -> "Settings":
        if not self.production:
            return self
        missing = [
            name
            for name, fine in {
                "contact": self.contact,
                "secret_key": self.secret_key,
                "dpia_ref": self.dpia_ref,
                "public_url (https)": self.public_url.startswith("https://"),
            }.items()
            if not fine
        ]
        if missing:
            raise ValueError("production = true also needs " + ", ".join(missing))
        return self

    @model_validator(mode="after")
    def _bounds_of_the_network_fit(self) -> "Settings":
        if self.network_least > self.network_most:
            raise ValueError("network_least must not be more than network_most")
        return self

    @model_validator(mode="after")
    def _provider_fits(self) -> "Settings":
        if not self.oidc_issuer:
            return self
        address = urlsplit(self.oidc_issuer)
        if address.scheme != "https" and not (
            address.scheme == "http" and is_loopback(address.hostname or "")
        ):
            raise ValueError("oidc_issuer must begin with https://")
        missing = [
            name
            for name, value in {
                "oidc_client_id": self.oidc_client_id,
                "oidc_client_secret": self.oidc_client_secret,
                "oidc_roles": self.oidc_roles,
            }.items()
            if not value
        ]
        if missing:
            raise ValueError("oidc_issuer also needs " + ", ".join(missing))
        for group, role in self.oidc_roles.items():
            if not PROVIDER_ROLE.fullmatch(role):
                known = ", ".join(one.value for one in Role if one is not Role.MUNICIPALITY)
                raise ValueError(
                    f"oidc_roles: {group!r} = {role!r}: write one of {known}, or gemeente:GM0000"
                )
        return self

    @model_validator(mode="after")
    def _mail_can_be_read(self) -> "Settings":
        problem = mail_problem(self.mail_in, self.mail_password) or mail_out_problem(
            self.mail_out, self.mail_out_password, self.mail_from
        )
        if problem:
            raise ValueError(problem)
        return self

    @property
    def second_step_required(self) -> bool:
        """Whether accounts with a password need a second step."""
        return self.two_factor == "required" or (self.production and self.two_factor == "")

    @cached_property
    def effective_database_url(self) -> str:
        """The database to use: ``database_url``, else ``scout.db`` inside ``var``."""
        return self.database_url or f"sqlite:///{self.var / 'scout.db'}"

    @cached_property
    def effective_user_agent(self) -> str:
        """The User-Agent to send: one name for all requests, with the contact where given."""
        if self.user_agent:
            return self.user_agent
        return "ParticipatienetwerkScout/0.1" + (f" (+{self.contact})" if self.contact else "")

    @cached_property
    def effective_secret_key(self) -> bytes:
        """The secret: the setting, else the one kept in ``var`` (made when absent, mode 0600)."""
        if self.secret_key:
            return self.secret_key.encode()
        path = self.var / "secret_key"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and linked, so that two processes that start at once agree on one key.
        aside = path.with_name(f"secret_key.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            if not path.exists():
                descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as file:
                    file.write(secrets.token_urlsafe(48))
                with contextlib.suppress(FileExistsError):
                    os.link(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        return path.read_text().strip().encode()

    def blocks(self, host: str) -> bool:
        """Whether this host, or one that it is below, is never to be asked for anything."""
        labels = host.lower().rstrip(".").split(".")
        return any(".".join(labels[start:]) in self.blocked_hosts for start in range(len(labels)))

    def config_file(self, name: str) -> Path:
        """Path of a configuration file: in ``config``, else the one that the product ships.

        Raises:
            SettingsError: it is in neither place.
        """
        for folder in (self.config, CHECKOUT / "config", SHIPPED_CONFIG):
            if (folder / name).is_file():
                return folder / name
        raise SettingsError(f"{name} is missing: put it into {self.config}/")


def load_settings(**overrides: Any) -> Settings:
    """Read settings from ``settings.toml`` in the configuration folder and from the environment.

    Args:
        overrides: values that stand in for those of the file; the environment still wins.

    Raises:
        SettingsError: the file can't be read, or a value is wrong; names file, setting and value.
    """
    folder = Path(os.environ.get("SCOUT_CONFIG") or overrides.get("config") or "config")
    path = folder / "settings.toml"
    values: dict[str, Any] = {}
    if path.is_file():
        try:
            # Editors of Windows put a mark in front of UTF-8.
            values = tomllib.loads(path.read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: not valid TOML: {error}") from None
    try:
        return Settings(**{**values, **overrides})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(f"{path}: unknown setting {name!r}: remove it or correct its name") from None
        where = f"SCOUT_{name.upper()} or {path}" if name else f"the environment or {path}"
        raise SettingsError(f"{where}: {name} {first['msg']}".replace("  ", " ")) from None
