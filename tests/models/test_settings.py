"""Settings: defaults, the file, the environment, and clear words when one is wrong."""

import stat
from pathlib import Path

import pytest

from models.labels import load_labels
from models.settings import SettingsError, load_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    return tmp_path


def test_without_anything_set_the_defaults_of_the_design_hold(folder: Path) -> None:
    settings = load_settings()

    assert settings.effective_database_url == "sqlite:///var/scout.db"
    assert (settings.keep_text_days, settings.timeout_seconds, settings.delay_seconds) == (30, 30, None)
    assert not settings.allow_private_addresses
    assert not settings.production


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config" / "settings.toml").write_text(
        'keep_text_days = 10\ntimeout_seconds = 5\nvar = "data"\n'
    )
    monkeypatch.setenv("SCOUT_TIMEOUT_SECONDS", "7")

    settings = load_settings()

    assert (settings.keep_text_days, settings.timeout_seconds, settings.var) == (10, 7, Path("data"))


def test_files_as_editors_of_windows_write_them_are_read(folder: Path) -> None:
    (folder / "config" / "settings.toml").write_bytes(b"\xef\xbb\xbfkeep_text_days = 10\r\n# caf\xc3\xa9\r\n")
    (folder / "config" / "labels.toml").write_bytes(b"\xef\xbb\xbf[themes]\r\n[reasons]\r\n")

    settings = load_settings()

    assert settings.keep_text_days == 10
    assert load_labels(settings).themes == {}


@pytest.mark.parametrize(
    ("content", "environment", "said"),
    [
        pytest.param("keep_text_days = 9000", {}, "keep_text_days", id="out of bounds"),
        pytest.param("keep_tekst_days = 9", {}, "unknown setting 'keep_tekst_days'", id="typo"),
        pytest.param("keep_text_days = = 9", {}, "not valid TOML", id="not toml"),
        pytest.param("", {"SCOUT_TIMEOUT_SECONDS": "soon"}, "SCOUT_TIMEOUT_SECONDS", id="environment"),
        pytest.param("", {"SCOUT_PRODUCTION": "true"}, "contact, secret_key, dpia_ref", id="production"),
    ],
)
def test_a_wrong_setting_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: str, environment: dict[str, str], said: str
) -> None:
    (folder / "config" / "settings.toml").write_text(content)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_secret_is_made_once_and_readable_by_its_owner_only(folder: Path) -> None:
    first = load_settings().effective_secret_key
    second = load_settings().effective_secret_key

    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((folder / "var" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (folder / "var").iterdir()] == ["secret_key"]
