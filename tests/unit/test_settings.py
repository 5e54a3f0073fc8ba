"""A wrong setting is one line that names the variable."""

import os
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import load_settings, split_bind, unknown_settings

_ALL = (
    "TIPOFF_DATABASE_URL", "TIPOFF_CATALOG", "TIPOFF_ALLOW_PRIVATE_ADDRESSES", "TIPOFF_WEB_BIND",
    "TIPOFF_LOG_FORMAT", "TIPOFF_LOG_LEVEL", "TIPOFF_CONTACT", "DISCORD_TOKEN", "DISCORD_API_URL",
    "DISCORD_SHARDS", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL",
    "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "TIPOFF_SECRET_KEY", "TIPOFF_MASTODON_TOKENS",
    "TIPOFF_PUBLIC_URL", "TIPOFF_ARTICLES",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    for name in _ALL:
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_means_sqlite_in_the_users_data_folder() -> None:
    settings = load_settings()
    assert settings.database_url.startswith("sqlite+aiosqlite:///")
    assert settings.database_url.endswith("tipoff.db")
    assert not settings.allow_private_addresses
    assert not settings.slack_ready
    assert settings.articles


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIPOFF_ARTICLES", "perhaps"),
        ("TIPOFF_DATABASE_URL", "mysql://x"),
        ("TIPOFF_CATALOG", "/no/such/folder"),
        ("TIPOFF_ALLOW_PRIVATE_ADDRESSES", "perhaps"),
        ("TIPOFF_WEB_BIND", "8787"),
        ("TIPOFF_WEB_BIND", "localhost:99999"),
        ("TIPOFF_LOG_FORMAT", "xml"),
        ("DISCORD_API_URL", "discord.com"),
        ("DISCORD_SHARDS", "0"),
        ("DISCORD_SHARDS", "many"),
        ("SLACK_API_URL", "ftp://slack.com"),
        ("SLACK_CLIENT_ID", "https://slack.com"),
        ("TIPOFF_SECRET_KEY", "short"),
        ("TIPOFF_SECRET_KEY", " , "),
        ("TIPOFF_SECRET_KEY", "A" * 43 + "=,x"),
        ("TIPOFF_PUBLIC_URL", "tipoff.example.org"),
        ("TIPOFF_PUBLIC_URL", "https://tipoff.example.org/?a=b"),
        ("TIPOFF_PUBLIC_URL", "https://user:pass@tipoff.example.org"),
        ("TIPOFF_MASTODON_TOKENS", "just-a-token"),
        ("TIPOFF_MASTODON_TOKENS", "https://mastodon.social=token"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_a_wrong_switch_is_told_what_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIPOFF_ALLOW_PRIVATE_ADDRESSES", "perhaps")
    with pytest.raises(ConfigError, match="must be true or false"):
        load_settings()


def test_a_bot_token_that_slack_cannot_reach_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    with pytest.raises(ConfigError, match="SLACK_APP_TOKEN") as caught:
        load_settings()
    assert "xoxb-secret" not in str(caught.value)


OAUTH = {
    "SLACK_CLIENT_ID": "111.222",
    "SLACK_CLIENT_SECRET": "hush-secret",
    "SLACK_SIGNING_SECRET": "hush-signing",
    "TIPOFF_SECRET_KEY": "aHVzaGh1c2hodXNoaHVzaGh1c2hodXNoaHVzaGh1c2g=",
}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"SLACK_SIGNING_SECRET": ""}, "SLACK_CLIENT_ID: is set, but neither", id="not-reached"),
        pytest.param({"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is not", id="client-secret"),
        pytest.param({"TIPOFF_SECRET_KEY": ""}, "TIPOFF_SECRET_KEY is not", id="key"),
        pytest.param({"TIPOFF_WEB_BIND": ""}, "TIPOFF_WEB_BIND is not", id="no-web-server"),
        pytest.param({"SLACK_BOT_TOKEN": "xoxb-hush"}, "choose", id="both-ways"),
        pytest.param({"SLACK_CLIENT_ID": ""}, "SLACK_CLIENT_ID is not", id="client-id"),
    ],
)
def test_oauth_needs_all_of_it_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], says: str
) -> None:
    for name, value in {**OAUTH, **changes}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says) as caught:
        load_settings()
    assert "hush" not in str(caught.value)
    assert OAUTH["TIPOFF_SECRET_KEY"] not in str(caught.value)


def test_oauth_is_ready_when_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OAUTH.items():
        monkeypatch.setenv(name, value)
    assert load_settings().slack_ready


def test_empty_lines_of_the_example_file_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = ("TIPOFF_LOG_FORMAT", "TIPOFF_LOG_LEVEL", "TIPOFF_ALLOW_PRIVATE_ADDRESSES", "TIPOFF_ARTICLES")
    for name in _ALL:
        if name not in filled and not name.endswith("API_URL"):
            monkeypatch.setenv(name, "")
    settings = load_settings()
    assert settings.discord_token is None
    assert settings.catalog is None
    assert settings.web_bind == ""


def test_the_usual_spelling_of_a_database_address_gets_its_async_driver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIPOFF_DATABASE_URL", "postgresql://u:p@h/d")
    assert load_settings().database_url == "postgresql+psycopg://u:p@h/d"


def test_binds() -> None:
    assert split_bind("[::1]:80") == ("::1", 80)
    assert split_bind("localhost:0") == ("localhost", 0)


def test_mastodon_tokens_are_kept_by_host_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIPOFF_MASTODON_TOKENS", "Mastodon.Social=s3cret-a, other.host=s3cret=b")
    settings = load_settings()
    tokens = settings.mastodon_tokens_by_host
    assert {host: token.get_secret_value() for host, token in tokens.items()} == {
        "mastodon.social": "s3cret-a",
        "other.host": "s3cret=b",
    }
    assert "s3cret" not in repr(settings) + repr(tokens)
    monkeypatch.setenv("TIPOFF_MASTODON_TOKENS", "mastodon.social=s3cret, s3cret-alone")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


def test_a_public_address_loses_its_slash_and_needs_a_web_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIPOFF_PUBLIC_URL", " https://tipoff.example.org/news/ ")
    assert load_settings().public_url == "https://tipoff.example.org/news"
    monkeypatch.setenv("TIPOFF_WEB_BIND", "")
    with pytest.raises(ConfigError, match="TIPOFF_PUBLIC_URL: is set, but TIPOFF_WEB_BIND is empty"):
        load_settings()


def test_a_misspelt_setting_is_named_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("TIPOFF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TIPOFF_HOLD", "0s")
    assert unknown_settings() == []
    monkeypatch.setenv("TIPOFF_HOLDD", "0s")
    (tmp_path / ".env").write_text("TIPOFF_CATALOGUE=x\nTIPOFF_CONTACT=me\nOTHER=1\n", encoding="utf-8")
    assert unknown_settings() == ["TIPOFF_CATALOGUE", "TIPOFF_HOLDD"]
