"""Both files at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.cli.loading import check_cases, config_file, load_all
from consumer.faults import Faults
from consumer.mapping.rules import load_mapping
from consumer.settings.client_files import FROM_FILES

CONFIG = Path(__file__).parents[2] / "config"

MAPPING = """\
format: segment
rules:
  - name: trial-started
    when: Trial Started
    send: trialStarted
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with both files, in ``config/``."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/consumer.yaml").write_text("kafka: {group_id: mine}\n")
    (tmp_path / "config/mapping.yaml").write_text(MAPPING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places_of(config: Path | None, environ: dict[str, str]) -> list[tuple[str | None, str]]:
    """File and message of each fault."""
    with pytest.raises(Faults) as found:
        load_all(config, environ, key_required=False)
    return [(fault.file, fault.message.split(";")[0]) for fault in found.value.faults]


def test_the_shipped_files_load() -> None:
    """As the demo uses them."""
    settings, mapping = load_all(CONFIG / "consumer.yaml", {}, key_required=False)

    assert settings.kafka.topics == ("product-events",)
    assert mapping.rules


def test_the_file_in_its_usual_place_is_read(folder: Path) -> None:
    """Without being named."""
    settings, mapping = load_all(None, {}, key_required=False)

    assert Path("config/consumer.yaml") == config_file(None)
    assert settings.kafka.group_id == "mine"
    assert ["trial-started"] == [rule.name for rule in mapping.rules]
    assert folder / "x.yaml" == config_file(folder / "x.yaml")


def test_without_a_file_there_are_the_defaults(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the mapping is named by the environment."""
    monkeypatch.chdir(folder / "config")

    settings, _ = load_all(None, {"LOOPS_CONSUMER__MAPPING": "mapping.yaml"}, key_required=False)

    assert config_file(None) is None
    assert settings.kafka.group_id == "loops-consumer"


def test_faults_of_both_files_come_together(folder: Path) -> None:
    """A person mends all of them before the next try."""
    (folder / "config/consumer.yaml").write_text("loops: {rate_per_s: 0}\n")
    (folder / "config/mapping.yaml").write_text(MAPPING.replace("send:", "sned:"))

    places = places_of(None, {})

    assert ("config/consumer.yaml", "found 0") == places[0]
    assert {"config/mapping.yaml"} == {file for file, _ in places[1:]}
    assert places[1:]


def test_a_mapping_is_not_blamed_for_wrong_topics(folder: Path) -> None:
    """Its formats by topic are held against the topics only where those are right."""
    (folder / "config/consumer.yaml").write_text("kafka: {topics: [a b]}\n")
    (folder / "config/mapping.yaml").write_text(MAPPING.replace("format: segment", "format: {orders: segment}"))

    assert [("config/consumer.yaml", 'found "a b"')] == places_of(None, {})


def test_a_mapping_that_is_not_there_is_a_fault(folder: Path) -> None:
    """It says who names it."""
    (folder / "config/mapping.yaml").unlink()

    with pytest.raises(Faults) as found:
        load_all(None, {}, key_required=False)

    (fault,) = found.value.faults
    assert str(fault) == (
        "config/mapping.yaml: cannot be read: No such file or directory\n"
        "    the key mapping of config/consumer.yaml names it"
    )


def test_a_mapping_that_a_variable_names_is_told_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is no file of settings."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(Faults) as found:
        load_all(None, {"LOOPS_CONSUMER__MAPPING": "m.yaml"}, key_required=False)

    said = "m.yaml: cannot be read: No such file or directory\n    LOOPS_CONSUMER__MAPPING names it"
    assert said == str(found.value)


def test_a_mapping_that_is_not_text_is_a_fault(folder: Path) -> None:
    """No traceback."""
    (folder / "config/mapping.yaml").write_bytes(b"\xff\xfe")

    assert [("config/mapping.yaml", "is not text in UTF-8")] == places_of(None, {})


def test_a_wrong_name_of_the_mapping_is_one_fault(folder: Path) -> None:
    """The default in its place is not read."""
    (folder / "config/consumer.yaml").write_text("mapping: [a]\n")

    assert [("config/consumer.yaml", "found a list")] == places_of(None, {})


def test_settings_that_are_no_yaml_are_one_fault(folder: Path) -> None:
    """Which mapping they would name is not known."""
    (folder / "config/consumer.yaml").write_text("kafka: [\n")

    assert ["config/consumer.yaml"] == [file for file, _ in places_of(None, {})]


def test_what_librdkafka_does_not_know_is_a_fault_at_its_line(folder: Path) -> None:
    """Unless it is not to be asked, as where the certificates that are named are not at hand."""
    (folder / "config/consumer.yaml").write_text("kafka:\n  client:\n    sasl.mechansim: x\n")

    with pytest.raises(Faults) as found:
        load_all(None, {}, key_required=False)
    load_all(None, {}, key_required=False, client_checked=False)

    (fault,) = found.value.faults
    assert str(fault).splitlines()[0] == (
        "config/consumer.yaml:3:5: kafka.client.sasl.mechansim: unknown property of librdkafka"
    )
    assert fault.hint == "did you mean sasl.mechanism?"


def test_a_secret_that_cannot_be_had_is_a_fault_beside_the_others(folder: Path) -> None:
    """At its line; the file is looked for beside the settings, and what it holds is not shown."""
    (folder / "config/many").write_text("hunter2\nhunter2\n")
    (folder / "config/consumer.yaml").write_text(
        "kafka:\n"
        "  client: {security.protocol: SASL_SSL, sasl.mechanism: SCRAM-SHA-512, sasl.usrname: x}\n"
        "  client_files:\n"
        "    sasl.username: name\n"
        "    sasl.password: many\n"
        "    ssl.ca.location: ca\n"
    )

    with pytest.raises(Faults) as found:
        load_all(None, {}, key_required=False)

    allowed = ", ".join(FROM_FILES)
    assert [
        "config/consumer.yaml:2:72: kafka.client.sasl.usrname: unknown property of librdkafka",
        (
            "config/consumer.yaml:4:5: kafka.client_files.sasl.username: config/name cannot be read: No such file or "
            "directory"
        ),
        (
            "config/consumer.yaml:5:5: kafka.client_files.sasl.password: config/many must hold one line of 1 to 4096 "
            "characters and nothing else (it is not shown)"
        ),
        f"config/consumer.yaml:6:5: kafka.client_files.ssl.ca.location: cannot come from a file; allowed: {allowed}",
    ] == [str(fault).splitlines()[0] for fault in found.value.faults]


def test_a_secret_from_a_file_is_taken_without_its_line_end(folder: Path) -> None:
    """And only that: a password may begin with a space."""
    (folder / "config/password").write_text(" of the broker\n")
    (folder / "config/consumer.yaml").write_text("kafka: {client_files: {sasl.password: password}}\n")

    settings, _ = load_all(None, {}, key_required=False)

    assert {"sasl.password": " of the broker"} == settings.kafka.secrets()
    assert "of the broker" not in repr(settings)


def test_a_mapping_whose_own_test_fails_is_refused() -> None:
    """By name, with the command that shows why; one whose tests pass is not."""
    rules = "format: segment\nrules: [{name: a, when: A, update: true}]\n"
    test = "tests: [{name: t, given: {type: track, event: A, userId: u1}, expect: [%s]}]\n"

    with pytest.raises(Faults) as wrong:
        check_cases(load_mapping(rules + test % "", "m.yaml"), Path("m.yaml"))

    assert 'm.yaml: 1 of its 1 tests fail: "t"\n    loops-consumer test shows why' == str(wrong.value)
    check_cases(load_mapping(rules + test % "{update: true, userId: u1}", "m.yaml"), Path("m.yaml"))
