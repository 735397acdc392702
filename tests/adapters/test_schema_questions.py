"""Questions to the registry: one at a time, elsewhere, each asked once as long as its answer is known."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from consumer.adapters.schema_questions import KEPT_MAX, OfVersion, Question, SchemaQuestions, UnknownSchema
from consumer.mapping.envelope import NotYet, Unreadable
from tests.waiting import until

SCHEMA = Question(7)


class Registry:
    """Answers as a test says, and notes what is asked and where."""

    def __init__(self, *answers: Any) -> None:
        """Each answer once, the last for ever; an exception is raised."""
        self.answers = list(answers)
        self.asked: list[Question] = []
        self.threads: set[str] = set()
        self.free = threading.Event()
        self.free.set()

    def __call__(self, question: Question) -> Any:
        """The next answer, once it is let."""
        self.asked.append(question)
        self.threads.add(threading.current_thread().name)
        self.free.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing is answered meanwhile."""
        self.free.clear()
        try:
            yield
        finally:
            self.free.set()


def questions_to(registry: Registry, *, waits_s: float = 20.0) -> SchemaQuestions:
    """They wait for an answer, unless told otherwise, and are sure of a no at once."""
    return SchemaQuestions(registry, host="registry:8081", waits_s=waits_s, sure_after_s=0.01)


def test_a_schema_is_asked_for_once_on_a_thread_of_its_own() -> None:
    """Its number stands for it for good."""
    registry = Registry("schema")
    questions = questions_to(registry)

    assert ["schema"] * 3 == [questions.answer(SCHEMA) for _ in range(3)]
    assert [SCHEMA] == registry.asked
    assert {"schema registry"} == registry.threads


def test_who_asks_waits_no_longer_than_told() -> None:
    """The answer is there at one of the next tries, and the question goes out once."""
    registry = Registry("schema")
    questions = questions_to(registry, waits_s=0.01)
    with registry.silent():
        for _ in range(3):
            with pytest.raises(NotYet, match="the schema registry at registry:8081 has not answered yet"):
                questions.answer(SCHEMA)

    assert until(lambda: answered(questions), 20, "the answer") == "schema"
    assert [SCHEMA] == registry.asked


def test_a_question_without_an_answer_is_asked_again_and_says_why() -> None:
    """Each time that someone needs it."""
    registry = Registry(NotYet("it does not answer"), NotYet("it answers 503"), "schema")
    questions = questions_to(registry)

    for reason in ("it does not answer", "it answers 503"):
        with pytest.raises(NotYet, match=reason):
            questions.answer(SCHEMA)
    assert questions.answer(SCHEMA) == "schema"


def test_while_the_next_try_is_under_way_the_last_reason_counts() -> None:
    """It says more than that nothing came yet."""
    registry = Registry(NotYet("it answers 503"), "schema")
    questions = questions_to(registry, waits_s=4.0)
    with pytest.raises(NotYet, match="it answers 503"):
        questions.answer(SCHEMA)
    with registry.silent(), pytest.raises(NotYet, match="it answers 503"):
        questions.answer(SCHEMA)


def test_what_the_registry_does_not_have_is_asked_twice() -> None:
    """One of several nodes may not know yet what another has just registered."""
    registry = Registry(UnknownSchema(), "schema")

    assert questions_to(registry).answer(SCHEMA) == "schema"
    assert [SCHEMA] * 2 == registry.asked


def test_what_the_registry_does_not_have_is_unreadable_for_a_minute() -> None:
    """A thousand records that name it cost one question; a schema that is registered later is found."""
    registry = Registry(UnknownSchema(), UnknownSchema(), "schema")
    moment = [0.0]
    questions = SchemaQuestions(registry, host="r", waits_s=20, now=lambda: moment[0], sure_after_s=0.01)
    for now in (0.0, 30.0, 59.0):
        moment[0] = now
        with pytest.raises(Unreadable, match="the schema registry does not have the schema that the value names"):
            questions.answer(SCHEMA)
    moment[0] = 60.0

    assert questions.answer(SCHEMA) == "schema"
    assert [SCHEMA] * 3 == registry.asked


def test_a_defect_of_asking_is_no_end_of_it() -> None:
    """Its kind alone is told: its text may hold anything."""
    registry = Registry(RuntimeError("person@example" + ".com"), "schema")
    questions = questions_to(registry)
    with pytest.raises(NotYet, match=r"^asking the schema registry at registry:8081 failed: RuntimeError$"):
        questions.answer(SCHEMA)

    assert questions.answer(SCHEMA) == "schema"


def test_no_more_than_a_bound_is_kept() -> None:
    """The oldest goes, and is asked for again."""
    registry = Registry("schema")
    questions = questions_to(registry)
    for number in range(KEPT_MAX + 1):
        questions.answer(Question(number))
    asked = len(registry.asked)

    questions.answer(Question(KEPT_MAX))
    assert asked == len(registry.asked)
    questions.answer(Question(0))
    assert asked + 1 == len(registry.asked)


def test_a_text_and_a_descriptor_are_different_answers() -> None:
    """So are a schema and a version of a subject."""
    registry = Registry("first", "second", "third")
    questions = questions_to(registry)
    asked = (Question(1), Question(1, serialized=True), Question(OfVersion("s", 1)))

    assert ["first", "second", "third"] == [questions.answer(one) for one in asked]


def answered(questions: SchemaQuestions) -> Any:
    """The answer, where it is there."""
    try:
        return questions.answer(SCHEMA)
    except NotYet:
        return None
