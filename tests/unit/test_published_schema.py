"""The version of the published schema: what raises it, and by how much."""

import pytest

from warehouse.publication.published_schema import next_version

OLD = {"t": {"a": "string", "b": "double"}, "u": {"a": "string"}}


@pytest.mark.parametrize(
    ("new", "version"),
    [
        (OLD, "2.3.0"),
        ({"u": {"a": "string"}, "t": {"b": "double", "a": "string"}}, "2.3.0"),  # order is nothing
        ({**OLD, "v": {"a": "string"}}, "2.4.0"),
        ({**OLD, "u": {"a": "string", "c": "date"}}, "2.4.0"),
        ({"t": OLD["t"]}, "3.0.0"),
        ({**OLD, "u": {"c": "string"}}, "3.0.0"),
        ({**OLD, "u": {"a": "bigint"}}, "3.0.0"),
    ],
)
def test_what_readers_would_notice_raises_the_version(new: dict, version: str) -> None:
    assert next_version("2.3.0", OLD, new) == version
