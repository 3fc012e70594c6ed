"""Data Docs: Great Expectations' pages in Chinese page templates that work offline.

Great Expectations renders checks and results. Its own page templates load a dozen files from the
internet, so those in `templates/` replace them, with scripts and styles in `static/`. Fixed words
are translated by `templates/wording.csv` (patterns), tables and columns by their titles.
"""

import csv
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from great_expectations.data_context import EphemeralDataContext
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, pass_context

from expectations.declarations import Expectation
from expectations.rules import Severity
from sources.contracts import load_contracts
from warehouse.publication.titles import MartTitles

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
RUN = "publication"  # the name of the run: a site has one
_SUMMARY = "<!-- summary -->"
_WORDS_OF_A_PAGE = re.compile(r">([^<>]+)<")


class Problem(NamedTuple):
    """A failed check, as the first page lists it; `severity` is critical where it could not run."""

    severity: Severity
    table_zh: str
    description_zh: str
    observed_zh: str


# The failed checks of the first page by severity, those that block first.
GROUPS: Mapping[Severity, str] = {
    "critical": "必须通过（强制性）",
    "verify": "需要核实（核实性）",
    "notice": "供参考（提示性）",
}


@cache
def _wording() -> list[tuple[re.Pattern[str], str]]:
    with (TEMPLATES / "wording.csv").open(encoding="utf-8", newline="") as file:
        return [(re.compile(row["english"]), row["chinese"]) for row in csv.DictReader(file)]


def _translated(words: str, titles: Mapping[str, str]) -> str | None:
    if words in titles:
        return escape(titles[words], quote=False)
    for pattern, chinese in _wording():
        if found := pattern.fullmatch(words):
            return found.expand(chinese)
    return None


def _site_zh() -> str:
    return f"{load_contracts().county.name_zh}生态指标"


class SitePageView(DefaultJinjaPageView):
    """A page in the project's template. Values from data are shown as text, never as markup.

    `suites` has the title of each page's suite and table, `columns` those of a table's columns.
    """

    _template = "site.j2"

    def __init__(
        self, suites: Mapping[str, str], columns: Mapping[str, Mapping[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.suites, self.columns = suites, columns
        default = [self.env.loader] if self.env.loader else []
        self.env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), *default])

    def render(self, document: Any, template: str | None = None, **kwargs: Any) -> str:
        suite = document.to_json_dict().get("expectation_suite_name")
        titles = {**self.suites, **self.columns.get(suite, {})}
        page = super().render(
            document,
            template,
            heading=titles.get(suite, suite) if suite else _site_zh(),
            site=_site_zh(),
            summary_marker=_SUMMARY,
            **kwargs,
        )

        def translate(match: re.Match[str]) -> str:
            chinese = _translated(match[1].strip(), titles)
            return match[0] if chinese is None else f">{chinese}<"

        return _WORDS_OF_A_PAGE.sub(translate, page)

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


def page_name(expectation: Expectation) -> str:
    """Return the name of the page with the checks that a suite has of a table."""
    return f"{expectation.suite}.{expectation.table}"


def sites(
    folder: Path, expectations: Iterable[Expectation], marts: Mapping[str, MartTitles]
) -> dict[str, Any]:
    """Return the configuration of a site in that folder, for a data context."""
    of_page = {page_name(e): (e.suite_zh, marts[e.table]) for e in expectations if e.table in marts}
    suites = {name: f"{suite_zh} · {mart.title_zh}" for name, (suite_zh, mart) in of_page.items()}
    view = {
        "module_name": __name__,
        "class_name": SitePageView.__name__,
        "suites": {**suites, **{mart.name: mart.title_zh for mart in marts.values()}},
        "columns": {name: dict(mart.columns_zh) for name, (_, mart) in of_page.items()},
    }
    return {
        _site_zh(): {
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


def summary(total: int, problems: Sequence[Problem]) -> str:
    """Return what the first page begins with: the verdict, then the failed checks by severity."""
    template = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template(
        "summary.j2"
    )
    return template.render(
        publishable=not any(problem.severity == "critical" for problem in problems),
        total=total,
        groups=[
            (title, severity, [p for p in problems if p.severity == severity])
            for severity, title in GROUPS.items()
        ],
        failed=len(problems),
    )


def write(
    context: EphemeralDataContext, folder: Path, *, total: int, problems: Sequence[Problem]
) -> None:
    """Write the site of a context that was created with `sites(folder)`.

    `total` is the number of checks, `problems` lists the failed ones.
    """
    context.build_data_docs()
    # Its own static files are four megabytes of fonts and images that the templates do not use.
    shutil.rmtree(folder / "static", ignore_errors=True)
    shutil.copytree(STATIC, folder / "static")
    index = folder / "index.html"
    page = index.read_text(encoding="utf-8")
    index.write_text(page.replace(_SUMMARY, summary(total, problems)), encoding="utf-8")
