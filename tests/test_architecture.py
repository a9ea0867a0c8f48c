"""Imports go one way: views, tasks, management and admin ask services, services ask models."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("core", "zelton_backend", "phonepe_simulator")
# What a layer must not know: everything above it.
ABOVE = {
    "core.models": ("core.services", "core.serializers", "core.views", "core.tasks", "core.management", "core.admin"),
    "core.services": ("core.serializers", "core.views", "core.tasks", "core.management", "core.admin"),
    "core.serializers": ("core.views", "core.tasks", "core.management", "core.admin"),
    "core.views": ("core.tasks", "core.management", "core.admin"),
    "core.tasks": ("core.serializers", "core.views", "core.management", "core.admin"),
    "core.management": ("core.serializers", "core.views", "core.tasks", "core.admin"),
    "core.admin": ("core.serializers", "core.views", "core.tasks", "core.management"),
    "core.money": ("core", "django", "rest_framework"),
    "core.india": ("core", "django", "rest_framework"),
    "core.errors": ("core.models", "core.services", "core.views", "rest_framework"),
    "phonepe_simulator": ("core", "zelton_backend", "tests", "django", "rest_framework", "celery"),
    "zelton_backend.settings": ("core",),
}
# The subjects of the services, from the ground up: each may use what stands before it, and nothing after it.
SUBJECTS = (
    "operations",
    "locks",
    "moves",
    "ledger",
    "papers",
    "notices",
    "idempotency",
    "phonepe",
    "phonepe_service",
    "polling",
    "refunds",
    "payments",
    "rent",
    "subscriptions",
    "mandates",
    "lettings",
    "settlements",
    "documents",
    "webhooks",
    "timeline",
    "audit",
    "overview",
    "watching",
    "doctor",
    "worker",
)
HIDING_PLACES = {"utils", "util", "helpers", "helper", "constants", "signals", "common", "misc"}


def modules() -> Iterator[tuple[str, Path]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> Iterator[str]:
    """Yield what a file imports, also inside functions and for type checkers alone, as full names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("layer", ABOVE)
def test_no_layer_knows_what_is_above_it(layer: str) -> None:
    found = [(module, path) for module, path in modules() if is_in(module, layer)]
    assert found, f"{layer} is gone: is its rule still here for something?"

    wrong = [
        f"{module} imports {name}"
        for module, path in found
        for name in imports(path)
        for above in ABOVE[layer]
        if is_in(name, above) and not is_in(name, layer)
    ]

    assert not wrong


def subject(name: str) -> str | None:
    """Return which subject of the services a module or a name in it belongs to."""
    parts = name.split(".")
    return parts[2] if name.startswith("core.services.") else None


def test_the_subjects_of_the_services_stand_in_one_order() -> None:
    order = {name: place for place, name in enumerate(SUBJECTS)}
    found = [(module, path) for module, path in modules() if subject(module)]
    assert {subject(module) for module, _ in found} == set(SUBJECTS), "a subject came or went: give it its place"

    upward = [
        f"{module} imports {name}"
        for module, path in found
        for name in imports(path)
        if (used := subject(name)) and used != subject(module) and order[used] > order[str(subject(module))]
    ]

    assert not upward


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for type checkers alone count too: what has to know its own user is in the wrong place."""
    paths = dict(modules())
    known = {
        module: {_module_of(name, paths) for name in imports(path)} - {None, module} for module, path in paths.items()
    }
    resolved: set[str] = set()
    while free := {module for module, uses in known.items() if module not in resolved and uses <= resolved}:
        resolved |= free

    assert not sorted(set(known) - resolved)


def _module_of(name: str, paths: dict[str, Path]) -> str | None:
    while name and name not in paths:
        name = name.rpartition(".")[0]
    return name or None


def test_only_the_addresses_import_views() -> None:
    views = {
        module
        for module, path in modules()
        if not is_in(module, "core.views") and any(is_in(name, "core.views") for name in imports(path))
    }

    assert views == {"core.urls", "zelton_backend.urls", "zelton_backend.error_catalogue"}


def test_only_the_phonepe_service_imports_the_sdk() -> None:
    importing = {module for module, path in modules() if any(is_in(name, "phonepe") for name in imports(path))}

    assert importing == {"core.services.phonepe_service"}


def test_only_what_talks_to_phonepe_or_sends_messages_opens_connections() -> None:
    networks = ("requests", "httpx", "urllib3", "http.client", "urllib.request")
    core = [(module, path) for module, path in modules() if is_in(module, "core")]

    importing = {module for module, path in core for name in imports(path) if any(is_in(name, net) for net in networks)}

    assert importing <= {
        "core.services.phonepe_service",
        "core.services.phonepe.transport",
        "core.services.operations.delivery",
    }


def test_every_home_has_a_name() -> None:
    folders = {part for _, path in modules() for part in path.relative_to(ROOT).parts[:-1]}
    names = {path.stem for _, path in modules()} | folders | {path.stem for path in (ROOT / "tests").rglob("*.py")}

    assert not names & HIDING_PLACES


def test_money_meets_no_float() -> None:
    """No `float(...)`, no literal like 1.5 and no division by `/` where money is counted."""
    for name in (
        "core/money.py",
        "core/services/ledger/posting.py",
        "core/services/documents/receipts.py",
        "core/serializers/fields.py",
    ):
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            assert not (isinstance(node, ast.Name) and node.id == "float"), name
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), name
    for node in ast.walk(ast.parse((ROOT / "core/money.py").read_text())):
        assert not isinstance(node, ast.Div)


def test_no_test_module_imports_another() -> None:
    """What several tests use has a home of its own, so that a test can be moved or deleted alone."""
    own = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "tests").rglob("test_*.py")}

    borrowed = [
        f"{module} imports {name}"
        for path, module in own.items()
        for name in imports(path)
        if any(part.startswith("test_") for part in name.split(".")[:-1]) and not is_in(name, module)
    ]

    assert not borrowed
