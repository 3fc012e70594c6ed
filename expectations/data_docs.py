"""Data Docs: Great Expectations' pages in a frame of our own, readable offline and in Chinese.

Great Expectations renders what was checked and found. Its page frames ask a dozen files of the
internet, so ours (`templates/`) take their place; scripts and styles lie in `static/`. Fixed words
are translated by `templates/wording.csv`; whatever else is shown comes from the declarations.
"""

import csv
import re
import shutil
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from great_expectations.data_context import EphemeralDataContext
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader, pass_context

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
RUN = "publication"  # the name of a run: there is one a site
_WORDS_OF_A_PAGE = re.compile(r">([^<>]+)<")


@cache
def _wording() -> dict[str, str]:
    with (TEMPLATES / "wording.csv").open(encoding="utf-8", newline="") as file:
        return {row["english"]: row["chinese"] for row in csv.DictReader(file)}


def _translated(match: re.Match[str]) -> str:
    words = match[1].strip()
    wording = _wording()
    if words in wording:
        return f">{wording[words]}<"
    head, colon, rest = words.partition(":")
    if colon and head + colon in wording:
        return f">{wording[head + colon]}{rest}<"
    if words.endswith("% unexpected"):
        return f">{words.removesuffix(' unexpected')} 不符<"
    return match[0]


class SitePageView(DefaultJinjaPageView):
    """A page in our frame. Values that come from data are shown as text, never as markup."""

    _template = "site.j2"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), self.env.loader])

    def render(self, document: Any, template: str | None = None, **kwargs: Any) -> str:
        return _WORDS_OF_A_PAGE.sub(_translated, super().render(document, template, **kwargs))

    @pass_context
    def render_content_block(
        self, jinja_context: Any, content_block: Any, *args: Any, **kwargs: Any
    ) -> Any:
        if isinstance(content_block, str):
            return escape(content_block, quote=False)
        if isinstance(content_block, list):
            content_block = [
                escape(block, quote=False) if isinstance(block, str) else block
                for block in content_block
            ]
        return super().render_content_block(jinja_context, content_block, *args, **kwargs)

    def render_string_template(self, template: Any) -> Any:
        if isinstance(template, dict) and template.get("tag") == "code":
            template = {**template, "template": escape(template["template"], quote=False)}
        return super().render_string_template(template)


def sites(folder: Path) -> dict[str, Any]:
    """The configuration of a site in that folder, for a data context."""
    view = {"module_name": __name__, "class_name": SitePageView.__name__}
    return {
        "阳城县生态指标": {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": view},
            "site_section_builders": {
                "expectations": {"view": view},
                "validations": {"view": view},
                "profiling": "none",
            },
        }
    }


def write(context: EphemeralDataContext, folder: Path) -> None:
    """Write the site of a context that was made with `sites(folder)`."""
    context.build_data_docs()
    # Its own static files are four megabytes of fonts and pictures that our frame does not use.
    shutil.rmtree(folder / "static", ignore_errors=True)
    shutil.copytree(STATIC, folder / "static")
