"""From a file and the environment to settings, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from consumer.faults import Fault, Faults
from consumer.settings.loading import load_settings, read_settings
from consumer.settings.relations import Complaint
from consumer.settings.secret import Secret
from consumer.settings.sections import Settings

ENVIRON = {"LOOPS_API_KEY": "k-3f9a0c"}
SHIPPED = Path(__file__).parents[2] / "config/consumer.yaml"


def faults_of(tmp_path: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Each fault as a user reads it, without the folder."""
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    return [str(fault).replace(f"{tmp_path}/", "") for fault in read_settings(file, environ).faults]


def test_without_a_file_defaults_and_environment_count() -> None:
    """A container may need no file at all."""
    environ = ENVIRON | {"LOOPS_CONSUMER__KAFKA__GROUP_ID": "orders"}

    settings = load_settings(None, environ)

    assert settings.kafka.group_id == "orders"
    assert settings.mapping == Path("mapping.yaml")
    assert Secret("k-3f9a0c") == settings.loops.api_key()


def test_the_shipped_file_loads() -> None:
    """With nothing but a key, and to the defaults."""
    settings = load_settings(SHIPPED, ENVIRON)

    assert settings.mapping == SHIPPED.parent / "mapping.yaml"
    assert Settings().kafka == settings.kafka
    assert Settings().delivery == settings.delivery


def test_the_environment_wins_over_the_file_key_by_key(tmp_path: Path) -> None:
    """The rest of a section stays as the file has it."""
    file = tmp_path / "c.yaml"
    file.write_text("kafka: {group_id: of-file, topics: [a]}\n")

    kafka = load_settings(file, ENVIRON | {"LOOPS_CONSUMER__KAFKA__TOPICS": "b,c"}).kafka

    assert (kafka.group_id, kafka.topics) == ("of-file", ("b", "c"))


def test_files_are_relative_to_who_names_them(tmp_path: Path) -> None:
    """To the settings' file, or to the working directory where a variable names them."""
    file = tmp_path / "c.yaml"
    registry = "{url: https://r, username: u, password_file: p, ca_file: ca.pem}"
    file.write_text(f"mapping: m/a.yaml\nloops: {{api_key_file: loops.key}}\nkafka: {{schema_registry: {registry}}}\n")
    environ = {
        "LOOPS_CONSUMER__MAPPING": "m/b.yaml",
        "LOOPS_CONSUMER__LOOPS__API_KEY_FILE": "other.key",
        "LOOPS_CONSUMER__KAFKA__SCHEMA_REGISTRY__CA_FILE": "other.pem",
    }

    of_file = load_settings(file, {}, key_required=False)
    of_environ = load_settings(file, environ, key_required=False)

    assert (of_file.mapping, of_file.loops.api_key_file) == (tmp_path / "m/a.yaml", tmp_path / "loops.key")
    assert (of_environ.mapping, of_environ.loops.api_key_file) == (Path("m/b.yaml"), Path("other.key"))
    found = [settings.kafka.schema_registry for settings in (of_file, of_environ)]
    assert [tmp_path / "p", tmp_path / "p"] == [one.password_file for one in found]
    assert [tmp_path / "ca.pem", Path("other.pem")] == [one.ca_file for one in found]


@pytest.mark.parametrize("text", ("", "# nothing\n", "kafka:\n  # group_id: x\nloops: {}\n", "kafka: {client: }\n"))
def test_an_empty_section_means_its_defaults(tmp_path: Path, text: str) -> None:
    """All of its keys may be commented out."""
    assert [] == faults_of(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        (
            "kafka:\n  grup_id: x\n",
            (
                "c.yaml:2:3: kafka.grup_id: unknown key; allowed: bootstrap_servers, group_id, "
                "group_instance_id, topics, start, dead_letter_topic, client, client_files, schema_registry\n"
                "      grup_id: x\n      ^\n    did you mean group_id?"
            ),
        ),
        (
            "lops: {}\n",
            (
                "c.yaml:1:1: lops: unknown key; allowed: kafka, loops, delivery, admin, tracing, mapping\n"
                "    lops: {}\n    ^\n    did you mean loops?"
            ),
        ),
        (
            'loops:\n  rate_per_s: "10"\n',
            (
                'c.yaml:2:15: loops.rate_per_s: found "10"; allowed: a whole number from 1 to 10000 or auto\n'
                '      rate_per_s: "10"\n                  ^\n    write it without quotes: 10'
            ),
        ),
        (
            "delivery: {attempts_max: 0}\n",
            (
                "c.yaml:1:26: delivery.attempts_max: found 0; allowed: a whole number from 1 to 1000\n"
                "    delivery: {attempts_max: 0}\n                             ^"
            ),
        ),
        (
            "kafka: {start: earlist}\n",
            (
                'c.yaml:1:16: kafka.start: found "earlist"; allowed: earliest or latest\n'
                "    kafka: {start: earlist}\n                   ^\n    did you mean earliest?"
            ),
        ),
        (
            "kafka: {topics: orders}\n",
            (
                'c.yaml:1:17: kafka.topics: found "orders"; allowed: a list of at least one, as ["product-events"]\n'
                "    kafka: {topics: orders}\n                    ^\n    write it as a list: [orders]"
            ),
        ),
        (
            "kafka: {topics: []}\n",
            (
                "c.yaml:1:17: kafka.topics: found an empty list; allowed: a list of at least one, "
                'as ["product-events"]\n'
                "    kafka: {topics: []}\n                    ^"
            ),
        ),
        (
            "kafka: {topics: [b c]}\n",
            (
                'c.yaml:1:18: kafka.topics[0]: found "b c"; '
                "allowed: 1 to 249 of the characters A-Z a-z 0-9 . _ -, but not . or ..\n"
                "    kafka: {topics: [b c]}\n                     ^\n    a regular expression starts with ^"
            ),
        ),
        (
            "loops: {base_url: http://example.com}\n",
            (
                'c.yaml:1:19: loops.base_url: found "http://example.com"; allowed: https, or http to this machine '
                "alone (localhost, 127.0.0.1, ::1)\n"
                "    loops: {base_url: http://example.com}\n                      ^\n"
                "    the key of Loops would cross the network unencrypted"
            ),
        ),
        (
            "loops: {timeout_s: 30}\n",
            (
                "c.yaml:1:20: delivery.drain_s: found 25; allowed: at least 35, which is loops.timeout_s (30) + 5\n"
                "    loops: {timeout_s: 30}\n                       ^"
            ),
        ),
        (
            "kafka:\n  client:\n    group.id: x\n",
            (
                "c.yaml:3:5: kafka.client.group.id: has a key of its own and must not stand under kafka.client\n"
                "        group.id: x\n        ^\n    set kafka.group_id instead"
            ),
        ),
        (
            "kafka: {client: {5: x}}\n",
            (
                "c.yaml:1:18: kafka.client[5]: the name of a key must be text\n"
                "    kafka: {client: {5: x}}\n                     ^\n    put it in quotes"
            ),
        ),
        (
            "admin: 9464\n",
            "c.yaml:1:8: admin: found 9464; allowed: a mapping of keys and values\n    admin: 9464\n           ^",
        ),
        (
            "- kafka\n",
            "c.yaml: found a list; allowed: a mapping with the keys kafka, loops, delivery, admin, tracing, mapping",
        ),
        (
            "kafka:\n  dead_letter_topic:\n\n  # aside\n  client: {}\n",
            (
                "c.yaml:2:3: kafka.dead_letter_topic: found nothing (null); allowed: text\n"
                "      dead_letter_topic:\n      ^"
            ),
        ),
        (
            "delivery: {drain_s: 5}\nloops: {timeout_s: 20}\n",
            (
                "c.yaml:1:21: delivery.drain_s: found 5; allowed: a number from 25 (loops.timeout_s + 5) to 3600\n"
                "    delivery: {drain_s: 5}\n                        ^"
            ),
        ),
        (
            'admin: {port: "9464"}\n',
            (
                'c.yaml:1:15: admin.port: found "9464"; allowed: a whole number from 0 to 65535\n'
                '    admin: {port: "9464"}\n                  ^\n    write it without quotes: 9464'
            ),
        ),
        (
            "delivery: {undecodable: 5}\n",
            (
                "c.yaml:1:12: delivery.undecodable: unknown key; allowed: in_flight_records_max, in_flight_bytes_max, "
                "attempts_max, backoff_min_s, backoff_max_s, starvation_s, merge, unchanged_for_s, drain_s, "
                "undecodable_per_min\n"
                "    delivery: {undecodable: 5}\n               ^\n    did you mean undecodable_per_min?"
            ),
        ),
        (
            "delivery:\n  merge: {all: true}\n",
            (
                "c.yaml:2:11: delivery.merge.all: unknown key; allowed: updates, into_events\n"
                "      merge: {all: true}\n              ^"
            ),
        ),
        (
            "admin:\n  port:9464\n",
            (
                'c.yaml:2:3: admin: found "port:9464"; allowed: a mapping of keys and values\n'
                "      port:9464\n      ^\n    a space is needed after the colon"
            ),
        ),
        (
            "kafka:\n  group_instance_id: orders/0\n",
            (
                'c.yaml:2:22: kafka.group_instance_id: found "orders/0"; allowed: 1 to 249 of the characters '
                "A-Z a-z 0-9 . _ -, but not . or ..\n      group_instance_id: orders/0\n                         ^"
            ),
        ),
        ("kafka: {}\nkafka: {}\n", "c.yaml:2:1: the key kafka stands twice, first in line 1\n    kafka: {}\n    ^"),
    ),
)
def test_each_fault_says_where_what_and_what_is_allowed(tmp_path: Path, text: str, expected: str) -> None:
    """The whole text of each, as a user reads it."""
    assert [expected] == faults_of(tmp_path, text)


def test_all_faults_of_file_and_environment_come_together(tmp_path: Path) -> None:
    """In the order of the file; a variable is named in place of file and line."""
    text = """\
kafka: {grup_id: x, client: {enable.auto.commit: true}}
loops: {rate_per_s: ten, reserve_per_s: 20}
delivery: {backoff_min_s: 90}
"""
    environ = {"LOOPS_CONSUMER__ADMIN__PORT": "http", "LOOPS_CONSUMER__KAFKA__NAME": "x"}

    assert [fault.splitlines()[0].split(";")[0] for fault in faults_of(tmp_path, text, environ)] == [
        "c.yaml:1:9: kafka.grup_id: unknown key",
        (
            "c.yaml:1:30: kafka.client.enable.auto.commit: cannot be changed: a commit leaves only when its "
            "records are finished"
        ),
        'c.yaml:2:21: loops.rate_per_s: found "ten"',
        "c.yaml:3:27: delivery.backoff_min_s: found 90",
        'LOOPS_CONSUMER__ADMIN__PORT: admin.port: found "http"',
        "LOOPS_CONSUMER__KAFKA__NAME: unknown variable",
        "c.yaml: loops.api_key_file: there is no key for Loops",
    ]


@pytest.mark.parametrize("text", ("-1", "-1.0", "-1.50"))
def test_a_number_of_a_variable_is_shown_as_it_was_written(text: str) -> None:
    """And not as what was made of it."""
    found = read_settings(None, {"LOOPS_CONSUMER__DELIVERY__UNCHANGED_FOR_S": text}, key_required=False)

    assert [f"found {text}; allowed: a number from 0 to 86400"] == [fault.message for fault in found.faults]


def test_a_rule_between_keys_names_the_variable_that_breaks_it(tmp_path: Path) -> None:
    """Where one of its keys came from the environment."""
    faults = faults_of(tmp_path, "delivery: {}\n", ENVIRON | {"LOOPS_CONSUMER__LOOPS__TIMEOUT_S": "60"})

    assert [
        (
            "LOOPS_CONSUMER__LOOPS__TIMEOUT_S: delivery.drain_s: found 25; allowed: at least 65, "
            "which is loops.timeout_s (60) + 5"
        )
    ] == faults


def test_a_key_in_the_file_is_told_where_it_belongs(tmp_path: Path) -> None:
    """The settings are often in a repository."""
    (fault,) = faults_of(tmp_path, "loops:\n  api_key: hunter2\n")

    assert fault.endswith("set LOOPS_API_KEY, or name its file as loops.api_key_file")


def test_the_key_is_asked_for_only_where_it_is_required(tmp_path: Path) -> None:
    """Checking a file in a pipeline needs no key."""
    file = tmp_path / "c.yaml"
    file.write_text("loops: {api_key_file: loops.key}\n")

    load_settings(file, {}, key_required=False)
    with pytest.raises(Faults) as found:
        load_settings(file, {})

    assert (
        Fault(
            f"{tmp_path}/loops.key cannot be read: No such file or directory",
            str(file),
            "loops.api_key_file",
            1,
            23,
        ),
    ) == found.value.faults


@pytest.mark.parametrize(
    ("content", "message"),
    ((None, "cannot be read: No such file or directory"), (b"\xff", "is not text in UTF-8")),
)
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, content: bytes | None, message: str) -> None:
    """Beside those of the environment."""
    file = tmp_path / "c.yaml"
    if content is not None:
        file.write_bytes(content)

    reading = read_settings(file, {"LOOPS_CONSUMER__X": "y"})

    assert [message, "unknown variable"] == [fault.message for fault in reading.faults]
    assert reading.settings is None


def test_what_is_right_is_kept_beside_what_is_wrong(tmp_path: Path) -> None:
    """So that the mapping can be checked in the same go."""
    file = tmp_path / "c.yaml"
    file.write_text("kafka: {topics: [a b], group_id: mine}\nmapping: m.yaml\n")

    reading = read_settings(file, ENVIRON)

    assert reading.settings is not None
    assert reading.settings.kafka.group_id == "mine"
    assert reading.settings.mapping == tmp_path / "m.yaml"
    assert ("kafka", "topics") in reading.faulty
    assert ("mapping",) not in reading.faulty


def test_a_further_rule_speaks_of_what_no_other_complains_of(tmp_path: Path) -> None:
    """With the place of its key, and with the settings as far as they are right."""
    file = tmp_path / "c.yaml"
    file.write_text("kafka: {client: {group.id: x, debug: y}}\nadmin: {port: 0, host: 5}\n")

    def further(settings: Settings) -> list[Complaint]:
        assert settings.admin.host == Settings().admin.host
        return [Complaint((("kafka", "client", name),), "wrong", of_key=True) for name in settings.kafka.client]

    found = read_settings(file, ENVIRON, further=further).faults

    assert [(fault.path, fault.column) for fault in found] == [
        ("kafka.client.group.id", 18),
        ("kafka.client.debug", 31),
        ("admin.host", 24),
    ]
    assert found[1].message == "wrong"
