"""Environment variables: defaults, values that cannot be used, documentation."""

from pathlib import Path

import pytest

from warehouse.home import settings
from warehouse.home.settings import DagsterSettings, HomeSettings, RetentionSettings, SettingsError


def test_a_variable_that_is_not_set_or_empty_has_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ECO_DAGSTER_POSTGRES", raising=False)
    monkeypatch.setenv("ECO_HOME", "")
    assert HomeSettings.load().home == Path("data")
    assert DagsterSettings.load().dagster_postgres is None
    monkeypatch.setenv("ECO_HOME", "/srv/eco")
    assert HomeSettings.load().home == Path("/srv/eco")


def test_a_wrong_value_is_named_and_stops_only_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECO_KEEP_LAST", "many")
    monkeypatch.setenv("ECO_KEEP_MONTHS", "-1")
    with pytest.raises(SettingsError) as caught:
        RetentionSettings.load()
    first, second = str(caught.value).splitlines()
    assert first.startswith("ECO_KEEP_LAST is 'many': ")
    assert second.startswith("ECO_KEEP_MONTHS is '-1': ")
    assert "Number of newest publications" in first
    HomeSettings.load()


def test_each_variable_is_declared_once_with_title_and_description() -> None:
    names = settings.variables()
    assert len(names) == len(set(names))
    for group in settings.GROUPS:
        assert all(field.title and field.description for field in group.model_fields.values())
