"""Names of one quantity, so that a search for PM2.5 finds 细颗粒物.

The contracts are their home: a number's Chinese title and its aliases.
"""

from sources.contracts import Contracts

_SHORTEST = 2  # a single character is a part of too many words


def synonyms(contracts: Contracts) -> list[list[str]]:
    """Return groups of names of one quantity, each name once in its group."""
    groups: dict[str, dict[str, None]] = {}
    for contract in contracts.datasets.values():
        for field in contract.fields:
            if field.public and field.type in ("float", "int") and field.aliases:
                names = [
                    name for name in (field.title_zh, *field.aliases) if len(name) >= _SHORTEST
                ]
                groups.setdefault(field.title_zh, {}).update(dict.fromkeys(names))
    return [list(names) for names in groups.values() if len(names) > 1]
