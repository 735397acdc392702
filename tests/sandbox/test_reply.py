"""Answers."""

from __future__ import annotations

from consumer.sandbox.reply import Ending, Refused, failure, json_reply


def test_a_refusal_is_a_document_with_success_false() -> None:
    """The form of every failure at Loops."""
    refused = Refused(404, "Contact not found.", path="email")
    assert (404, {"success": False, "message": "Contact not found.", "path": "email"}) == (
        refused.status,
        refused.document,
    )


def test_a_reply_is_compact_json_and_an_answer() -> None:
    """Headers given stand beside the content type."""
    reply = json_reply(400, failure("no"), {"retry-after": "1"})
    assert (400, b'{"success":false,"message":"no"}', Ending.ANSWER) == (reply.status, reply.body, reply.ending)
    assert {"content-type": "application/json; charset=utf-8", "retry-after": "1"} == dict(reply.headers)
