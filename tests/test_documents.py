"""What the documents name exists: commands, paths, settings, addresses, metrics, links and targets of make."""

import argparse
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from zelton_backend import error_catalogue
from zelton_backend.sign_off.requirements import BY_HAND, all_requirements

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs"
PAGES = sorted([*FOLDER.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
OURS = ("core", "zelton_backend", "phonepe_simulator", "benchmarks", "tests", "deploy", "docs", ".ci")

FENCE = re.compile(r"^( *)```[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
# A command ends where the shell begins another one, or at what a person reads beside it.
MANAGE = re.compile(r"(?:manage\.py|(?:^|&& |\w=\S+ |sbin/)zelton) +([a-z_]+)([^\n;|&#()…]*)", re.MULTILINE)
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
METRIC = re.compile(r"\bzelton_[a-z_]+[a-z]\b")
# Of a series, not of a metric.
OF_A_HISTOGRAM = re.compile(r"_(?:bucket|count|sum|total)$")


class Page(NamedTuple):
    path: Path
    text: str

    @property
    def code(self) -> list[str]:
        """Return what is set as code: blocks, and spans in the text between them."""
        blocks = [block for _, block in FENCE.findall(self.text)]
        return [*blocks, *SPAN.findall(self.prose)]

    @property
    def spans(self) -> list[str]:
        return SPAN.findall(self.prose)

    @property
    def prose(self) -> str:
        return FENCE.sub("", self.text)


@pytest.fixture(params=PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def page(request: pytest.FixtureRequest) -> Page:
    return Page(request.param, request.param.read_text())


@cache
def parser(command: str) -> argparse.ArgumentParser:
    app = get_commands()[command]
    return (load_command_class(app, command) if isinstance(app, str) else app).create_parser("manage.py", command)


@cache
def written_in(*places: str) -> str:
    """Return the text of every file in these places, a folder or a file each."""
    files: list[Path] = []
    for place in places:
        path = ROOT / place
        files += [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    kinds = {".py", ".sh", ".yaml", ".yml", ".html", ".example", ".typ", ".json", ".service", ".in", ""}
    return "\n".join(file.read_text(errors="replace") for file in files if file.suffix in kinds)


def slugs(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        again = sum(1 for each in found if each == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", each))
        found.add(f"{slug}-{again}" if again else slug)
    return found


def commands(page: Page) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands that a page names with what it says behind them, also those without `manage.py`."""
    known = get_commands()
    for code in page.code:
        for name, rest in MANAGE.findall(code):
            yield name, FLAG.findall(rest)
    for span in page.spans:
        name, _, rest = span.partition(" ")
        if name in known and rest:
            yield name, FLAG.findall(rest)


def test_every_command_and_every_flag_exists(page: Page) -> None:
    wrong = []
    for name, flags in commands(page):
        if name not in get_commands():
            wrong.append(name)
            continue
        options = {option for action in parser(name)._actions for option in action.option_strings}
        wrong += [f"{name} {flag}" for flag in flags if flag not in options]

    assert not wrong


def test_every_path_of_the_repository_exists(page: Page) -> None:
    wrong = []
    for span in page.spans:
        path, _, test = span.partition("::")
        if not re.fullmatch(r"[\w.*-]+(?:/[\w.*-]+)*/?", path) or path.split("/")[0] not in OURS or "/" not in path:
            continue
        found = list(ROOT.glob(path.rstrip("/")))
        missing = [name for name in test.split("::") if name and not any(name in each.read_text() for each in found)]
        if not found or missing:
            wrong.append(span)

    assert not wrong


def test_every_setting_and_every_word_in_capitals_exists(page: Page) -> None:
    settings = set(CAPITALS.findall(written_in(".env.example", "zelton_backend", "compose.yaml", "deploy", "Makefile")))
    words = set(CAPITALS.findall(written_in("core", "phonepe_simulator", "gunicorn.conf.py", "tests")))
    prefixes = {name.split("_")[0] for name in CAPITALS.findall(written_in(".env.example"))} - {"REFUND"}
    wrong = []
    for code in page.code:
        for name in CAPITALS.findall(code):
            known = settings if name.split("_")[0] in prefixes else settings | words
            if name not in known and name.removesuffix("_FILE") not in known and f"{name}_FILE" not in code:
                wrong.append(name)

    assert not wrong


def test_every_link_leads_somewhere(page: Page) -> None:
    wrong = []
    for target in LINK.findall(page.text):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.path.parent / path).resolve() if path else page.path
        if not file.exists() or (anchor and anchor not in slugs(file.read_text())):
            wrong.append(target)

    assert not wrong


def test_every_target_of_make_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for code in page.code for name in re.findall(r"(?:^|\s|`)make ([a-z]+)\b", code)}

    assert named <= targets


def test_every_address_is_served(page: Page) -> None:
    wrong = []
    for span in page.spans:
        address = re.fullmatch(
            r"(?:(?:GET|POST|PUT|PATCH|DELETE) )?(/(?:api|admin|payments)/[^\s?#…]*)(?:[?#]\S*)?", span
        )
        if address is None:
            continue
        try:
            resolve(re.sub(r"<[a-z_]+>|\{[a-z_]+\}", "1", address[1]))
        except Resolver404:
            wrong.append(span)

    assert not wrong


def test_every_metric_exists(page: Page) -> None:
    written = written_in("core", "deploy", "zelton_backend")
    read_from_the_database = {f"zelton_{name}" for name in re.findall(r"yield _\w+\(\s*\"([a-z_]+)\"", written)}
    known = set(METRIC.findall(written)) | read_from_the_database | {"zelton_backend"}
    named = {name for code in page.code for name in METRIC.findall(code)}

    assert not [name for name in named if not {name, OF_A_HISTOGRAM.sub("", name)} & known]


def test_every_service_of_systemd_exists(page: Page) -> None:
    there = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}
    lines = [line for code in page.code for line in re.findall(r"(?:systemctl|journalctl) [^\n#|]+", code)]
    named = {word for line in lines for word in re.findall(r"\bzelton-[a-z.]+|\bzelton\.target", line)}

    assert not [name for name in named if name not in there and f"{name}.service" not in there]


def test_every_line_of_a_shell_can_be_read_by_one(page: Page) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", page.text, re.MULTILINE | re.DOTALL)

    for block in blocks:
        shlex.split(block, comments=True)


def test_the_index_names_every_page() -> None:
    index = Page(FOLDER / "README.md", (FOLDER / "README.md").read_text())
    linked = {(FOLDER / target.partition("#")[0]).resolve() for target in LINK.findall(index.text)}

    assert {path for path in FOLDER.glob("*.md") if path != index.path} <= linked
    assert "](docs/README.md)" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    "anchor",
    ["payment-stuck", "webhook-silent", "wrong-amount", "double-payment", "phonepe-down", "books-out-of-balance",
     "credentials-refused", "secret-leaked", "disk-full", "redis-gone", "database-failed-over", "refund-stuck",
     "notifications-late", "web-down"],
)  # fmt: skip
def test_the_runbook_has_a_paragraph_for_each_trouble(anchor: str) -> None:
    assert anchor in slugs((FOLDER / "runbook.md").read_text())


def test_every_alert_leads_to_a_paragraph() -> None:
    named = re.findall(r"/admin/runbook/(?:\?page=([\w-]+))?#([\w-]+)", written_in("deploy"))

    assert named
    for page, anchor in named:
        assert anchor in slugs((FOLDER / f"{page or 'runbook'}.md").read_text())


def test_the_catalogue_of_errors_is_fresh() -> None:
    guide = (ROOT / error_catalogue.GUIDE).read_text()

    assert error_catalogue.rewritten(guide) == guide, "Run python -m zelton_backend.error_catalogue"


def test_the_checklist_is_whole_and_names_a_test_for_each_id() -> None:
    rows = re.findall(
        r"^\| ([A-Z]\d+) \| (.+) \| (.+) \|$", (FOLDER / "phonepe_integration_summary.md").read_text(), re.MULTILINE
    )

    assert [(each, title) for each, title, _ in rows] == [(each.id, each.title) for each in all_requirements()]
    for identifier, _, test in rows:
        assert f"test_{identifier.lower()}_`" in test or identifier in BY_HAND


def test_a_paragraph_names_the_alerts_that_lead_to_it() -> None:
    runbook = (FOLDER / "runbook.md").read_text()
    told: dict[str, set[str]] = {}
    for paragraph in runbook.split("\n## ")[1:]:
        title, _, text = paragraph.partition("\n")
        line = re.search(r"^Prometheus: (.+)\.$", text, re.MULTILINE)
        told[title.lower().replace(" ", "-")] = set(SPAN.findall(line[1])) if line else set()
    rules = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
    leading = re.findall(r"- alert: (\w+).*?/admin/runbook/(\S*)#([\w-]+)", rules, re.DOTALL)

    assert {(name, anchor) for anchor, names in told.items() for name in names} == {
        (name, anchor) for name, page, anchor in leading if not page
    }
