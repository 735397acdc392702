"""The calls under ``/contacts``: create, update, find, delete."""

from __future__ import annotations

from consumer.sandbox.change import Change, one_identity, read_change, read_identity
from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received, Team

__all__ = ["create", "delete", "find", "learn", "update"]


def create(team: Team, received: Received) -> Answered:
    """Makes a contact; 409 where its email or its userId is taken."""
    if received.body.get("email") is None:
        raise Refused(400, "An email is required.")
    who, change = read_identity(received.body), read_change(received.body, of_event=False)
    contact = team.contacts.create(who, change, received.wall_ms)
    learn(team, change)
    return Answered(200, {"success": True, "id": contact.id}, effect=True)


def update(team: Team, received: Received) -> Answered:
    """Changes a contact, or makes it where its email is given."""
    who, change = read_identity(received.body), read_change(received.body, of_event=False)
    contact = team.contacts.update(who, change, received.wall_ms)
    learn(team, change)
    return Answered(200, {"success": True, "id": contact.id}, effect=True)


def find(team: Team, received: Received) -> Answered:
    """The contact in an array, or an empty array."""
    contact = team.contacts.find(one_identity(received.query))
    return Answered(200, [contact.public()] if contact else [])


def delete(team: Team, received: Received) -> Answered:
    """Forgets a contact; 404 where there is none."""
    contact = team.contacts.find(one_identity(received.body))
    if contact is None:
        raise Refused(404, "Contact not found.")
    team.contacts.delete(contact)
    return Answered(200, {"success": True, "message": "Contact deleted."}, effect=True)


def learn(team: Team, change: Change) -> None:
    """Custom properties and lists that are new are the team's from now on."""
    if change.custom:
        team.properties.learn(change.custom)
    if change.lists:
        team.learn_lists(change.lists)
