"""The registry over HTTP, on a stand-in: what it gives, and in which words it is said that it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumer.adapters.schema_client import RegistryClient
from consumer.adapters.schema_questions import OfVersion, Question, UnknownSchema
from consumer.faults import Faults
from consumer.mapping.envelope import NotYet
from consumer.settings import SchemaRegistrySettings
from tests.fakes.registry_certificate import server_tls
from tests.fakes.schema_registry import SchemaRegistry

STRING = '{"type": "string"}'
PASSWORD = "hunter-2"


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """One that knows a schema, with number 1."""
    with SchemaRegistry() as registry:
        registry.register("s-value", STRING)
        yield registry


def client_of(registry: SchemaRegistry) -> RegistryClient:
    """Asks it without a name."""
    return RegistryClient(SchemaRegistrySettings(url=registry.url))


def reason_of(client: RegistryClient, question: Question = Question(1)) -> str:  # noqa: B008 - it is frozen
    """Why there is no answer for now."""
    with pytest.raises(NotYet) as error:
        client(question)
    return str(error.value)


def test_a_schema_is_found_by_its_number_its_guid_and_its_version(registry: SchemaRegistry) -> None:
    """However a value or another schema names it."""
    client = client_of(registry)
    names = (1, registry.guid_of(1), OfVersion("s-value", 1))

    assert [STRING] * 3 == [client(Question(name)).schema_str for name in names]


def test_nothing_is_remembered_here(registry: SchemaRegistry) -> None:
    """Who asks remembers, within a bound, and tells a text from a descriptor."""
    client = client_of(registry)
    client(Question(1))
    client(Question(1, serialized=True))

    assert ["GET /schemas/ids/1", "GET /schemas/ids/1?format=serialized"] == registry.asked


@pytest.mark.parametrize(
    "name", (2, "00000000-0000-0000-0000-000000000000", OfVersion("s-value", 2), OfVersion("other", 1))
)
def test_what_the_registry_does_not_have_is_an_answer(registry: SchemaRegistry, name: int | str | OfVersion) -> None:
    """It says so with a number of its own."""
    with pytest.raises(UnknownSchema):
        client_of(registry)(Question(name))


@pytest.mark.parametrize(
    ("status", "said"),
    (
        (500, "answers 500"),
        (503, "answers 503"),
        (429, "answers 429"),
        (401, "answers 401: it refuses who asks (kafka.schema_registry.username and password_file)"),
        (403, "answers 403: it refuses who asks (kafka.schema_registry.username and password_file)"),
        (404, "answers 404: is kafka.schema_registry.url right?"),
        (302, "answers 302: is kafka.schema_registry.url right?"),
        (422, "answers 422: is kafka.schema_registry.url right?"),
    ),
)
def test_any_other_answer_is_none_for_now(registry: SchemaRegistry, status: int, said: str) -> None:
    """A person reads who, what, and which key it is about; a 404 of another server is none of the registry's."""
    registry.status = status

    assert f"the schema registry at {registry.host} {said}" == reason_of(client_of(registry))


@pytest.mark.parametrize("body", ("<html>hello</html>", "[]", "{}", '{"schema": 7}', "null", ""))
def test_a_page_that_is_no_schema_is_none_for_now(registry: SchemaRegistry, body: str) -> None:
    """As of a proxy that answers 200 to everything."""
    registry.status, registry.body = 200, body

    said = f"the schema registry at {registry.host} answers something that is no schema"
    assert reason_of(client_of(registry)) == f"{said}: is kafka.schema_registry.url right?"


def test_nobody_there_is_none_for_now_and_who_comes_back_is_asked(registry: SchemaRegistry) -> None:
    """Once, without tries of its own: whoever needs it decides when to try again."""
    client = client_of(registry)
    registry.stop()
    assert f"the schema registry at {registry.host} does not answer" == reason_of(client)
    registry.start()

    assert client(Question(1)).schema_str == STRING


def test_the_next_address_is_tried_where_one_does_not_answer(registry: SchemaRegistry) -> None:
    """Both are told of where none does."""
    client = RegistryClient(SchemaRegistrySettings(url=f"http://127.0.0.1:1,{registry.url}"))
    assert client(Question(1)).schema_str == STRING

    registry.stop()
    assert f"the schema registry at 127.0.0.1:1, {registry.host} does not answer" == reason_of(client)


def test_a_password_that_is_replaced_is_used_without_a_restart(registry: SchemaRegistry, tmp_path: Path) -> None:
    """Its file is read again while it is refused; in the meantime it may not be there."""
    file = tmp_path / "password.txt"
    file.write_text("of-last-year")
    registry.password = PASSWORD
    client = RegistryClient(SchemaRegistrySettings(url=registry.url, username="consumer", password_file=file))

    assert "answers 401" in reason_of(client)
    file.unlink()
    assert f"kafka.schema_registry: {file} cannot be read: No such file or directory" == reason_of(client)
    file.write_text(PASSWORD)
    assert client(Question(1)).schema_str == STRING


def test_no_text_shows_the_password(registry: SchemaRegistry, tmp_path: Path) -> None:
    """Neither what it says nor what it is called."""
    file = tmp_path / "password.txt"
    file.write_text(PASSWORD)
    client = RegistryClient(SchemaRegistrySettings(url=registry.url, username="consumer", password_file=file))
    shown = [repr(client)]
    for registry.status in (401, 500, 404):
        shown.append(reason_of(client))
    registry.stop()
    shown.append(reason_of(client))

    assert PASSWORD not in " ".join(shown)


def test_a_registry_is_trusted_by_the_file_that_vouches_for_it(tmp_path: Path) -> None:
    """By no other, and the sentence names the key."""
    context, authority = server_tls(tmp_path)
    with SchemaRegistry(tls=context) as registry:
        registry.register("s-value", STRING)
        trusting = RegistryClient(SchemaRegistrySettings(url=registry.url, ca_file=authority))

        assert trusting(Question(1)).schema_str == STRING
        assert (
            f"the schema registry at {registry.host} cannot be reached securely (kafka.schema_registry.ca_file)"
            == reason_of(client_of(registry))
        )


@pytest.mark.parametrize(
    ("content", "said"), ((None, "cannot be read: No such file or directory"), ("no PEM", "holds no certificates"))
)
def test_certificates_that_cannot_be_used_are_a_fault_at_the_start(
    tmp_path: Path, content: str | None, said: str
) -> None:
    """With the key that names them."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Faults) as error:
        RegistryClient(SchemaRegistrySettings(url="https://registry", ca_file=file))

    (fault,) = error.value.faults
    assert (f"{file} {said}", "kafka.schema_registry.ca_file") == (fault.message, fault.path)


def test_a_question_may_come_from_any_thread(registry: SchemaRegistry) -> None:
    """It is made on one and used on another."""
    client, found = client_of(registry), list[str | None]()
    thread = threading.Thread(target=lambda: found.append(client(Question(1)).schema_str))
    thread.start()
    thread.join(10)

    assert [json.loads(STRING)] == [json.loads(text or "") for text in found]
