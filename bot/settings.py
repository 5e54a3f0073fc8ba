"""Settings from the environment or ``.env``. Read once, by the command line; nothing else reads them."""

import base64
import os
import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from bot.errors import ConfigError

DISCORD_API = "https://discord.com/api/v10"
SLACK_API = "https://slack.com/api/"
DEFAULT_WEB_BIND = "127.0.0.1:8787"
#: How long a story's first rumour or report waits for better proof.
DEFAULT_HOLD = timedelta(seconds=30)
_LONGEST_HOLD_S = 600
_KEY_BYTES = 32


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _hold(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return DEFAULT_HOLD
    found = re.fullmatch(r"(\d{1,5})\s*([sm])|0", value.strip().lower())
    seconds = int(found[1] or 0) * (60 if found[2] == "m" else 1) if found else -1
    if not 0 <= seconds <= _LONGEST_HOLD_S:
        raise ValueError('must be a time of at most 10 minutes, for example "30s"; "0s" turns the hold off')
    return timedelta(seconds=seconds)


OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_blank_is_none)]


class Settings(BaseSettings):
    """All settings. ``.env.example`` documents each for people."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    database_url: str = Field(default="", validation_alias="TIPOFF_DATABASE_URL")
    catalog: Annotated[Path | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, validation_alias="TIPOFF_CATALOG"
    )
    allow_private_addresses: bool = Field(default=False, validation_alias="TIPOFF_ALLOW_PRIVATE_ADDRESSES")
    web_bind: str = Field(default=DEFAULT_WEB_BIND, validation_alias="TIPOFF_WEB_BIND")
    hold: Annotated[timedelta, BeforeValidator(_hold)] = Field(
        default=DEFAULT_HOLD, validation_alias="TIPOFF_HOLD"
    )
    public_url: str = Field(default="", validation_alias="TIPOFF_PUBLIC_URL")
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", validation_alias="TIPOFF_LOG_FORMAT"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", validation_alias="TIPOFF_LOG_LEVEL"
    )
    articles: bool = Field(default=True, validation_alias="TIPOFF_ARTICLES")
    contact: str = Field(default="", validation_alias="TIPOFF_CONTACT")
    mastodon_tokens: OptionalSecret = Field(default=None, validation_alias="TIPOFF_MASTODON_TOKENS")
    discord_token: OptionalSecret = Field(default=None, validation_alias="DISCORD_TOKEN")
    discord_api_url: str = Field(default=DISCORD_API, validation_alias="DISCORD_API_URL")
    discord_shards: str = Field(default="", validation_alias="DISCORD_SHARDS")
    slack_bot_token: OptionalSecret = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: OptionalSecret = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: OptionalSecret = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    slack_client_id: Annotated[str | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, validation_alias="SLACK_CLIENT_ID"
    )
    slack_client_secret: OptionalSecret = Field(default=None, validation_alias="SLACK_CLIENT_SECRET")
    slack_api_url: str = Field(default=SLACK_API, validation_alias="SLACK_API_URL")
    secret_key: OptionalSecret = Field(default=None, validation_alias="TIPOFF_SECRET_KEY")

    @field_validator("log_format", "log_level", "allow_private_addresses", "articles", mode="before")
    @classmethod
    def _plain_word(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value:
            return f"sqlite+aiosqlite:///{default_database_path()}"
        if value.startswith("sqlite:///"):
            return value.replace("sqlite:///", "sqlite+aiosqlite:///", 1)
        if value.startswith(("postgresql://", "postgres://")):
            return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
        if value.startswith(("sqlite+aiosqlite:///", "postgresql+psycopg://")):
            return value
        raise ValueError("must begin with sqlite:/// or postgresql://")

    @field_validator("catalog")
    @classmethod
    def _catalog_exists(cls, value: Path | None) -> Path | None:
        if value is not None and not value.exists():
            raise ValueError(f"no such file or folder: {value}")
        return value

    @field_validator("web_bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if value.strip():
            split_bind(value)
        return value.strip()

    @field_validator("public_url")
    @classmethod
    def _outside_address(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if value and not re.fullmatch(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", value):
            raise ValueError(
                "must be an https address without a query, for example https://tipoff.example.org"
            )
        return value

    @field_validator("mastodon_tokens")
    @classmethod
    def _host_and_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            split_tokens(value)
        return value

    @field_validator("discord_shards")
    @classmethod
    def _connections(cls, value: str) -> str:
        value = value.strip().lower()
        if value not in ("", "auto") and not re.fullmatch(r"[1-9]\d{0,3}", value):
            raise ValueError('must be empty (one connection), "auto", or how many connections to open')
        return value

    @field_validator("slack_client_id")
    @classmethod
    def _client_number(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[\w.]{3,64}", value.strip()):
            raise ValueError("must be the Client ID from Basic Information, for example 123456.789012")
        return value.strip() if value else None

    @field_validator("secret_key")
    @classmethod
    def _whole_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_keys(value)
        return value

    @field_validator("discord_api_url", "slack_api_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not re.match(r"https?://[^\s/]+", value):
            raise ValueError("must be an http or https address")
        return value

    @property
    def mastodon_tokens_by_host(self) -> dict[str, SecretStr]:
        """Access tokens for Mastodon's streaming API."""
        return {} if self.mastodon_tokens is None else split_tokens(self.mastodon_tokens)

    @property
    def slack_ready(self) -> bool:
        """Whether there is enough to serve Slack: a bot token or an app to install, and one way to be reached."""
        tokens = self.slack_bot_token or self.slack_client_id
        return bool(tokens and (self.slack_app_token or self.slack_signing_secret))


def split_tokens(value: SecretStr) -> dict[str, SecretStr]:
    """``host=token,host=token`` as a table by host, lower case. Raises ``ValueError``, without the tokens."""
    found: dict[str, SecretStr] = {}
    for number, pair in enumerate(filter(None, re.split(r"[,\s]+", value.get_secret_value())), 1):
        host, _, token = pair.partition("=")
        if not re.fullmatch(r"[A-Za-z0-9.-]+", host) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise ValueError(f"entry {number} must be host=token, for example mastodon.social=…")
        found[host.lower()] = SecretStr(token)
    return found


def check_keys(value: SecretStr) -> None:
    """Raises ``ValueError``, without the keys, unless it is one or more Fernet keys with commas between."""
    keys = [part.strip() for part in value.get_secret_value().split(",") if part.strip()]
    for number, key in enumerate(keys, 1):
        try:
            whole = len(base64.b64decode(key, altchars=b"-_", validate=True)) == _KEY_BYTES
        except ValueError:
            whole = False
        if not whole:
            raise ValueError(f"key {number} is none; “tipoff slack key” makes one")
    if not keys:
        raise ValueError("holds no key; “tipoff slack key” makes one")


def split_bind(value: str) -> tuple[str, int]:
    """``host:port`` (``[::1]:8787`` for IPv6) as a pair. Raises ``ValueError``."""
    host, colon, port = value.strip().rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("must be host:port, for example 127.0.0.1:8787")
    if host.startswith("["):
        ip_address(host.strip("[]"))
    return host.strip("[]"), int(port)


def default_database_path() -> Path:
    return platformdirs.user_data_path("tipoff", appauthor=False) / "tipoff.db"


def load_settings() -> Settings:
    """Read and check the settings. Raises ``ConfigError`` with one line that names the variable."""
    try:
        settings = Settings()
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        problem = first["msg"].removeprefix("Value error, ")
        if first["type"].startswith("bool_"):
            problem = "must be true or false"
        raise ConfigError(f"{name}: {problem}") from None
    except UnicodeDecodeError:
        raise ConfigError(".env: is not UTF-8 text") from None
    if settings.public_url and not settings.web_bind:
        raise ConfigError(
            "TIPOFF_PUBLIC_URL: is set, but TIPOFF_WEB_BIND is empty, so nothing could answer there"
        )
    _check_slack(settings)
    return settings


def unknown_settings() -> list[str]:
    """The ``TIPOFF_`` names in the environment and in ``.env`` that no setting has, as a misspelt one; in order."""
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    given = {name.upper() for name in (*os.environ, *DotEnvSettingsSource(Settings).env_vars)}
    return sorted(name for name in given if name.startswith("TIPOFF_") and name not in known)


def _check_slack(settings: Settings) -> None:
    """One workspace by its token, or many by OAuth, each whole. Raises ``ConfigError``."""
    first = "SLACK_BOT_TOKEN" if settings.slack_bot_token else "SLACK_CLIENT_ID"
    if (settings.slack_bot_token or settings.slack_client_id) and not settings.slack_ready:
        raise ConfigError(
            f"{first}: is set, but neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP mode) is"
        )
    if not settings.slack_client_id:
        if settings.slack_client_secret:
            raise ConfigError("SLACK_CLIENT_SECRET: is set, but SLACK_CLIENT_ID is not")
        return
    if settings.slack_bot_token:
        raise ConfigError(
            "SLACK_CLIENT_ID: is set beside SLACK_BOT_TOKEN: choose many workspaces by OAuth, or one by its token"
        )
    for value, name in (
        (settings.slack_client_secret, "SLACK_CLIENT_SECRET"),
        (settings.secret_key, "TIPOFF_SECRET_KEY"),
        (settings.web_bind, "TIPOFF_WEB_BIND"),
    ):
        if not value:
            raise ConfigError(f"SLACK_CLIENT_ID: is set, but {name} is not; see docs/slack.md")
