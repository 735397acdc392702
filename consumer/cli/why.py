"""``loops-consumer why``: why a person did, or did not, get something."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from consumer.cli.letter_options import JsonOption, duration_s, fail
from consumer.cli.loading import ConfigOption, load_all

if TYPE_CHECKING:
    from consumer.adapters.kafka_span import Begin, Since

__all__ = ["why"]

_BEGINNING = "beginning"


def _checked(text: str) -> str:
    if text != _BEGINNING:
        duration_s(text)
    return text


_Email = Annotated[str | None, typer.Argument(metavar="[EMAIL]", help="The person's address.", show_default=False)]
_UserId = Annotated[
    str | None, typer.Option("--user-id", metavar="ID", help="The person's userId.", show_default=False)
]
_Since = Annotated[
    str,
    typer.Option("--since", metavar="AGE", callback=_checked, help="From so long ago, as 2h or 7d; or beginning."),
]
_Quick = Annotated[
    bool,
    typer.Option(
        "--quick", help="Reads only the partitions where records lie that are keyed by the address or the userId."
    ),
]


def why(
    email: _Email = None,
    *,
    user_id: _UserId = None,
    since: _Since = "24h",
    quick: _Quick = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Says why a person did, or did not, get something.

    Of each record about them on the topics, in the order of time: which rules act or what said no, the request, and
    what became of it: sent, waiting and about how long, a dead letter and why, too old. In the end the contact as Loops
    has it now. Either identifier is enough: the other one is looked for too, once Loops or a record names it.

    All is told by the mapping as it is now. It joins no group, and sends and commits nothing. What it prints is
    personal data. Without a key it does without Loops. Ctrl-C ends the reading; what was found by then is shown.

    Example: loops-consumer why someone@example.com --since 24h
    """
    _check_person(email, user_id)
    settings, mapping = load_all(config, os.environ, key_required=False)
    from consumer.adapters.schema_registry import registry_decoder  # noqa: PLC0415 - help and faults need none of it
    from consumer.cli.terminal import console  # noqa: PLC0415 - as above
    from consumer.cli.why_answering import answer  # noqa: PLC0415 - as above
    from consumer.cli.why_plain import plain_answer  # noqa: PLC0415 - as above
    from consumer.cli.why_topics import Search  # noqa: PLC0415 - as above
    from consumer.cli.why_view import show  # noqa: PLC0415 - as above
    from consumer.why.whom import Whom  # noqa: PLC0415 - as above

    keys = [text for text in (email, user_id) if text is not None]
    decoder = registry_decoder(settings.kafka.schema_registry, patient=True)
    search = Search(settings.kafka, mapping, Whom(email, user_id), keys, _begin(since), quick, decoder)
    found = answer(settings, search)
    if json:
        typer.echo(orjson.dumps(plain_answer(found), option=orjson.OPT_INDENT_2))
    else:
        show(console(), found)


def _check_person(email: str | None, user_id: str | None) -> None:
    if email is None and user_id is None:
        fail("name the person: by the address, by --user-id, or by both")
    if email is not None and "@" not in email:
        fail("this is no address, which needs an @; a userId is given with --user-id")


def _begin(since: str) -> Since | Begin:
    from consumer.adapters.kafka_span import Begin, Since  # noqa: PLC0415 - help and faults need no client

    age_s = None if since == _BEGINNING else duration_s(since)
    return Begin.BEGINNING if age_s is None else Since(round((time.time() - age_s) * 1000))
