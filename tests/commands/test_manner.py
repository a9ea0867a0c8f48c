"""All commands in one manner: help that says what, when and an example; JSON for programs."""

from io import StringIO

import pytest
from django.core.management import get_commands, load_command_class

OURS = sorted(name for name, app in get_commands().items() if str(app).startswith(("core", "zelton_backend")))
FOR_DEVELOPERS = {"lint_migrations"}


def help_of(name: str) -> str:
    out = StringIO()
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).print_help(out)
    return " ".join(out.getvalue().split())


@pytest.mark.parametrize("name", sorted(set(OURS) - FOR_DEVELOPERS))
def test_help_says_what_gives_an_example_and_offers_json(name: str) -> None:
    said = help_of(name).lower()

    assert len(load_command_class(get_commands()[name], name).help) > 60
    assert "example" in said
    assert f"manage.py {name}" in said.partition("example")[2]
    assert "--json" in said
