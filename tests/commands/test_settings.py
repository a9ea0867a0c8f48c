"""Settings: what is missing or wrong stops the start with a sentence that names the variable."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parent.parent.parent
SANDBOX = {
    "ZELTON_ENV_FILE": os.devnull,
    "DJANGO_SECRET_KEY": "only-for-tests",
    "PHONEPE_ENVIRONMENT": "SANDBOX",
    "PHONEPE_CLIENT_ID": "TESTCLIENT",
    "PHONEPE_CLIENT_SECRET": "test-client-secret",
    "PHONEPE_CLIENT_VERSION": "1",
}
PRODUCTION = {
    **SANDBOX,
    "DJANGO_SECRET_KEY": "q7Zr2Lx9Tn4Bv6Kc1Wd8Mf3Hs5Jp0Gy-uA_eXoRiNtYbQzVkLw",
    "DJANGO_ALLOWED_HOSTS": "zelton.example",
    "PHONEPE_ENVIRONMENT": "PRODUCTION",
    "PHONEPE_WEBHOOK_USERNAME": "zelton_hooks",
    "PHONEPE_WEBHOOK_PASSWORD": "hooks4production",
    "PHONEPE_REDIRECT_BASE_URL": "https://zelton.example",
}
NAMES = ("DJANGO_", "PHONEPE_", "DATABASE_", "REDIS_URL", "METRICS_TOKEN", "APP_URL", "ZELTON_ENV_FILE")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read the settings as a process with just these variables would."""

    def load(variables: dict[str, str], **changes: str | None) -> dict[str, Any]:
        for name in list(os.environ):
            if name.startswith(NAMES):
                monkeypatch.delenv(name)
        for name, value in {**variables, **changes}.items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "zelton_backend" / "settings.py"))

    return load


def test_a_few_variables_are_enough(load: Any) -> None:
    settings = load(SANDBOX)

    assert settings["DEBUG"] is False
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    assert settings["REDIS_URL"] == ""
    assert settings["PHONEPE_ORDER_EXPIRE_AFTER"] == 1200
    assert settings["PHONEPE_TIMEOUT"] == 8
    assert settings["PHONEPE_WEBHOOK_CREDENTIALS"] == []


@pytest.mark.parametrize("name", [name for name in SANDBOX if name != "ZELTON_ENV_FILE"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_or_empty_is_named(load: Any, name: str, value: str | None) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"\b{name}\b"):
        load(SANDBOX, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PHONEPE_ENVIRONMENT", "sandbox"),
        ("PHONEPE_ENVIRONMENT", "UAT"),
        ("PHONEPE_CLIENT_VERSION", "one"),
        ("PHONEPE_CLIENT_VERSION", "0"),
        ("PHONEPE_CLIENT_VERSION", "-1"),
        ("PHONEPE_BASE_URL", "phonepe.test"),
        ("PHONEPE_BASE_URL", "ftp://phonepe.test"),
        ("PHONEPE_ORDER_EXPIRE_AFTER", "299"),
        ("PHONEPE_ORDER_EXPIRE_AFTER", "3601"),
        ("PHONEPE_ORDER_EXPIRE_AFTER", "20 minutes"),
        ("PHONEPE_TIMEOUT", "0"),
        ("PHONEPE_TIMEOUT", "1.5"),
        ("PHONEPE_MAX_CALLS", "0"),
        ("PHONEPE_REDIRECT_BASE_URL", "zelton.test"),
        ("PHONEPE_WEBHOOK_USERNAME", "alone"),
        ("PHONEPE_WEBHOOK_PASSWORD", "alone"),
        ("PHONEPE_WEBHOOK_PREVIOUS_USERNAME", "alone"),
        ("DJANGO_DEBUG", "maybe"),
        ("DJANGO_TRUSTED_PROXIES", "many"),
        ("PHONEPE_WEBHOOK_ADDRESSES", "published,everywhere"),
        ("PHONEPE_WEBHOOK_ADDRESSES", "192.0.2.1/24"),
        ("DJANGO_CORS_ALLOWED_ORIGINS", "*"),
        ("DJANGO_CORS_ALLOWED_ORIGINS", "null"),
        ("DJANGO_CORS_ALLOWED_ORIGINS", "https://*.zelton.example"),
        ("DJANGO_CORS_ALLOWED_ORIGINS", "https://app.zelton.example/"),
        ("DJANGO_CORS_ALLOWED_ORIGINS", "https://app.zelton.example,app.zelton.example"),
        ("DJANGO_CORS_ALLOWED_ORIGINS", "https://App.zelton.example"),
        ("DJANGO_LOG_LEVEL", "LOUD"),
        ("REDIS_URL", "localhost:6379"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "nonsense://secret-password@host/db"),
    ],
)
def test_what_is_wrong_is_named(load: Any, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name.rpartition("_")[0]) as stopped:
        load(SANDBOX, **{name: value})

    assert "secret-password" not in str(stopped.value)


@pytest.mark.parametrize(
    "name",
    ["PHONEPE_ORDER_EXPIRE_AFTER", "PHONEPE_TIMEOUT", "PHONEPE_BASE_URL", "REDIS_URL", "DATABASE_URL", "DJANGO_DEBUG",
     "PHONEPE_WEBHOOK_USERNAME", "DJANGO_LOG_LEVEL", "METRICS_TOKEN", "APP_URL"],
)  # fmt: skip
def test_an_empty_value_counts_as_unset(load: Any, name: str) -> None:
    unset, empty = load(SANDBOX), load(SANDBOX, **{name: ""})

    for setting in ("PHONEPE_TIMEOUT", "PHONEPE_BASE_URL", "REDIS_URL", "DEBUG", "METRICS_TOKEN", "APP_URL"):
        assert empty[setting] == unset[setting]
    assert empty["DATABASES"] == unset["DATABASES"]


def test_the_process_wins_over_the_file_unless_it_is_empty(load: Any, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PHONEPE_TIMEOUT=11\nPHONEPE_ORDER_EXPIRE_AFTER=600\nMETRICS_TOKEN=\n")

    settings = load(SANDBOX, ZELTON_ENV_FILE=str(file), PHONEPE_TIMEOUT="12", PHONEPE_ORDER_EXPIRE_AFTER="")

    assert (settings["PHONEPE_TIMEOUT"], settings["PHONEPE_ORDER_EXPIRE_AFTER"]) == (12, 600)


def test_the_example_file_starts_and_names_every_variable(load: Any) -> None:
    example = ROOT / ".env.example"

    assert load({"ZELTON_ENV_FILE": str(example)})["PHONEPE_WEBHOOK_CREDENTIALS"]
    named = {line.partition("=")[0] for line in example.read_text().splitlines() if line and line[0] != "#"}
    written = (ROOT / "zelton_backend" / "settings.py").read_text()
    read = set(
        re.findall(r'env\.(?:text|flag|number|choice|names|origins|url|checked|folder)\(\s*"([A-Z_]+)"', written)
    )
    assert len(read) > 15
    assert read <= named


class TestSecretsInFiles:
    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        path = tmp_path / "secret"
        path.write_text("from-a-file\n")
        return path

    @pytest.mark.parametrize(
        ("name", "setting"),
        [("PHONEPE_CLIENT_SECRET", "PHONEPE_CLIENT_SECRET"), ("DJANGO_SECRET_KEY", "SECRET_KEY"),
         ("METRICS_TOKEN", "METRICS_TOKEN"), ("PHONEPE_CLIENT_ID", "PHONEPE_CLIENT_ID")],
    )  # fmt: skip
    def test_any_setting_may_come_in_a_file(self, load: Any, secret: Path, name: str, setting: str) -> None:
        assert load(SANDBOX, **{name: None, f"{name}_FILE": str(secret)})[setting] == "from-a-file"

    def test_a_database_url_may(self, load: Any, secret: Path) -> None:
        secret.write_text("postgresql://zelton:pass@db:5432/zelton\n")

        database = load(SANDBOX, DATABASE_URL_FILE=str(secret))["DATABASES"]["default"]

        assert (database["HOST"], database["PASSWORD"]) == ("db", "pass")

    def test_both_ways_at_once_are_refused(self, load: Any, secret: Path) -> None:
        with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY and DJANGO_SECRET_KEY_FILE are both set"):
            load(SANDBOX, DJANGO_SECRET_KEY_FILE=str(secret))

    def test_an_empty_file_counts_as_unset(self, load: Any, secret: Path) -> None:
        secret.write_text("\n")
        with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY is not set"):
            load(SANDBOX, DJANGO_SECRET_KEY=None, DJANGO_SECRET_KEY_FILE=str(secret))

    @pytest.mark.parametrize("content", [None, b"\xff\xfe-hidden"])
    def test_one_that_cannot_be_read_is_named_without_its_content(
        self, load: Any, tmp_path: Path, content: bytes | None
    ) -> None:
        path = tmp_path / "unreadable"
        if content:
            path.write_bytes(content)
        with pytest.raises(ImproperlyConfigured, match="REDIS_URL_FILE names a file that cannot be read") as stopped:
            load(SANDBOX, REDIS_URL_FILE=str(path))

        assert "hidden" not in str(stopped.value)

    @pytest.mark.parametrize("name", ["REDIS_URL", "DATABASE_URL", "PHONEPE_TIMEOUT", "DJANGO_LOG_LEVEL"])
    def test_a_wrong_value_from_a_file_is_not_shown(self, load: Any, secret: Path, name: str) -> None:
        secret.write_text("hidden-value")
        with pytest.raises(ImproperlyConfigured, match=name) as stopped:
            load(SANDBOX, **{f"{name}_FILE": str(secret)})

        assert "hidden" not in str(stopped.value)


class TestDatabaseLimits:
    URL = "postgresql://zelton@db/zelton"

    def options(self, load: Any, query: str) -> Any:
        return load(SANDBOX, DATABASE_URL=self.URL + query)["DATABASES"]["default"]["OPTIONS"]

    def test_a_stuck_lock_or_transaction_ends_by_itself(self, load: Any) -> None:
        options = self.options(load, "")

        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert f"-c {limit}=" in options["options"]
        assert options["connect_timeout"] == 5

    def test_options_of_the_url_are_added_and_win(self, load: Any) -> None:
        options = self.options(load, "?options=-c%20statement_timeout%3D60s&connect_timeout=9&sslmode=require")

        assert options["options"].startswith("-c lock_timeout=5s")
        assert options["options"].endswith("-c statement_timeout=60s")
        assert (str(options["connect_timeout"]), options["sslmode"]) == ("9", "require")

    @pytest.mark.parametrize("off", ["0", "none", "off"])
    def test_preparing_can_be_turned_off(self, load: Any, off: str) -> None:
        assert self.options(load, "")["prepare_threshold"] == 3
        assert self.options(load, f"?prepare_threshold={off}")["prepare_threshold"] is None
        assert self.options(load, "?prepare_threshold=7")["prepare_threshold"] == 7


class TestPooler:
    URL = "postgresql://zelton@db/zelton"

    def test_nothing_is_expected_to_outlast_a_transaction(self, load: Any) -> None:
        database = load(SANDBOX, DATABASE_URL=self.URL, DATABASE_POOLER="true")["DATABASES"]["default"]

        assert "options" not in database["OPTIONS"]
        assert database["OPTIONS"]["prepare_threshold"] is None
        assert database["DISABLE_SERVER_SIDE_CURSORS"] is True
        assert database["OPTIONS"]["connect_timeout"] == 5

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            (f"{URL}?options=-c%20lock_timeout%3D9s", "options, which a pooler refuses"),
            (f"{URL}?prepare_threshold=5", "nothing is prepared"),
            ("sqlite:///db.sqlite3", "does not lead to PostgreSQL"),
            ("", "does not lead to PostgreSQL"),
        ],
    )
    def test_what_it_does_not_have_is_refused(self, load: Any, url: str, sentence: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=sentence):
            load(SANDBOX, DATABASE_URL=url, DATABASE_POOLER="true")

    def test_not_preparing_may_be_said_twice(self, load: Any) -> None:
        load(SANDBOX, DATABASE_URL=f"{self.URL}?prepare_threshold=0", DATABASE_POOLER="yes")


class TestReplica:
    def test_there_is_none_unless_it_is_named(self, load: Any) -> None:
        assert list(load(SANDBOX)["DATABASES"]) == ["default"]

    def test_it_is_read_as_the_database_is(self, load: Any) -> None:
        url = "postgresql://zelton@{}/zelton"

        settings = load(SANDBOX, DATABASE_URL=url.format("db"), DATABASE_REPLICA_URL=url.format("db2"))

        assert settings["DATABASES"]["replica"] == {**settings["DATABASES"]["default"], "HOST": "db2"}
        assert settings["DATABASE_ROUTERS"] == ["core.db.replica.Router"]

    @pytest.mark.parametrize(
        "urls", [("", "postgresql://zelton@db/zelton"), ("postgresql://zelton@db/zelton", "sqlite://")]
    )
    def test_only_postgresql_has_one(self, load: Any, urls: tuple[str, str]) -> None:
        with pytest.raises(ImproperlyConfigured, match="must lead to PostgreSQL"):
            load(SANDBOX, DATABASE_URL=urls[0], DATABASE_REPLICA_URL=urls[1])


class TestProduction:
    def test_it_starts_with_what_it_needs(self, load: Any) -> None:
        settings = load(PRODUCTION)

        assert settings["PRODUCTION"] is True
        assert settings["SECURE_SSL_REDIRECT"] is True
        assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
        assert settings["ALLOWED_HOSTS"] == ["zelton.example"]

    def test_a_browser_may_come_from_an_https_origin_alone(self, load: Any) -> None:
        origins = "https://app.zelton.example, https://zelton.example:8443"
        given = load(PRODUCTION, DJANGO_CORS_ALLOWED_ORIGINS=origins)["CORS_ALLOWED_ORIGINS"]
        assert given == ["https://app.zelton.example", "https://zelton.example:8443"]

        with pytest.raises(ImproperlyConfigured, match=r"DJANGO_CORS_ALLOWED_ORIGINS must hold origins .*: https, "):
            load(PRODUCTION, DJANGO_CORS_ALLOWED_ORIGINS="http://app.zelton.example")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PHONEPE_BASE_URL", "http://127.0.0.1:8800/apis/pg-sandbox"),
            ("DJANGO_DEBUG", "true"),
            ("DJANGO_SECRET_KEY", "short"),
            ("DJANGO_SECRET_KEY", "a" * 60),
            ("DJANGO_SECRET_KEY", "example-not-for-production-change-me-example-not-for-production"),
            ("DJANGO_ALLOWED_HOSTS", None),
            ("DJANGO_ALLOWED_HOSTS", "*"),
            ("DJANGO_ALLOWED_HOSTS", "zelton.example,*"),
            ("PHONEPE_CLIENT_SECRET", "short"),
            ("PHONEPE_WEBHOOK_PASSWORD", None),
            ("PHONEPE_WEBHOOK_PASSWORD", "onlyletters"),
            ("PHONEPE_WEBHOOK_USERNAME", "a b"),
            ("PHONEPE_REDIRECT_BASE_URL", None),
            ("PHONEPE_REDIRECT_BASE_URL", "http://zelton.example"),
        ],
    )
    def test_what_it_must_not_have_is_refused(self, load: Any, name: str, value: str | None) -> None:
        with pytest.raises(ImproperlyConfigured, match=name):
            load(PRODUCTION, **{name: value})

    def test_without_webhook_credentials_it_does_not_start(self, load: Any) -> None:
        with pytest.raises(ImproperlyConfigured, match="PHONEPE_WEBHOOK_USERNAME"):
            load(PRODUCTION, PHONEPE_WEBHOOK_USERNAME=None, PHONEPE_WEBHOOK_PASSWORD=None)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PHONEPE_CLIENT_ID": ""}, "PHONEPE_CLIENT_ID is not set."),
        ({"PHONEPE_ENVIRONMENT": "PRODUCTION"}, "PHONEPE_REDIRECT_BASE_URL is not set."),
    ],
)
def test_the_start_of_a_process_stops(changes: dict[str, str], named: str) -> None:
    surroundings = {"PATH": os.environ["PATH"], **SANDBOX, **changes}
    command = [sys.executable, "manage.py", "check"]

    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert named in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize(("file", "told"), [("there", False), ("absent", True)])
def test_whoever_has_no_env_file_is_told_where_to_get_one(file: str, told: bool, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    surroundings = {"PATH": os.environ["PATH"], "ZELTON_ENV_FILE": str(tmp_path / file)}

    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )

    assert "PHONEPE_ENVIRONMENT is not set" in done.stderr
    assert done.stderr.rstrip().endswith("cp .env.example .env") is told


@pytest.mark.processes
@pytest.mark.parametrize("process", ["worker", "beat"])
def test_what_needs_redis_does_not_start_without_it(process: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "zelton_backend", process]

    done = subprocess.run(
        [*command, "--schedule", str(tmp_path / "schedule")] if process == "beat" else command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **SANDBOX},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "REDIS_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr
