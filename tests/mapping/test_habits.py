"""What people write who come from other languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.expression import JSONATA_FUNCTIONS, ExpressionFault, source_of
from consumer.mapping.habits import hint_for_name, hint_for_syntax, misread


@pytest.mark.parametrize(
    ("source", "position", "hint"),
    (
        ("a != \u201cb\u201d", 5, "a text stands in \" or '"),
        ("a = \u2018b\u2019", 4, "a text stands in \" or '"),
        ("a\u00a0= 1", 1, "type it anew"),
        ("a =\u2009b", 3, "type it anew"),
        ("lowercase(a)", 0, "did you mean $lowercase(...)?"),
        ("a.b.toUpperCase()", 4, "did you mean $uppercase(...)?"),
        ("tags.includes('a')", 5, 'write "a" in items'),
        ("qqq (a)", 0, "functions begin with $ and take the value: $lowercase(name)"),
        ('a["plan"]', 2, "for the field write .plan"),
        ("a['order id']", 2, "for the field write .`order id`"),
        ('$env["STAGE"]', 5, "for the field write .STAGE"),
    ),
)
def test_some_things_compile_to_something_else(source: str, position: int, hint: str) -> None:
    """And would be absent, or fail, on every event."""
    found = misread(source, JSONATA_FUNCTIONS)

    assert found is not None
    assert (position, hint) == (found.position, found.hint)
    with pytest.raises(ExpressionFault):
        source_of(source)


@pytest.mark.parametrize(
    "source",
    (
        '"\u201cquoted\u201d and a\u00a0space"',
        "`a\u00a0\u201cb\u201d`",
        '["a", "b"]',
        'a in ["b"]',
        "a and (b or (c))",
        "$map(a, function($x) { $x.b })",
        "\u03bb($x) { $x }(1)",
        'a[b = "c"]',
        "a[0].b[type = 'x']",
        "a^(b)",
        "$lowercase(a) & (b)",
        "a.(b & c)",
        "a /* \u201cb\u201d foo(c) */ + 1",
        "$split(a, ' ')[0]",
    ),
)
def test_others_mean_what_they_say(source: str) -> None:
    """Within texts, backquotes and comments all may stand."""
    assert misread(source, JSONATA_FUNCTIONS) is None
    assert source == source_of(source)


@given(st.text(alphabet="ab$.[]()\"'`\u201c\u00a0 =+/*12,", max_size=12))
def test_whatever_it_is_it_is_looked_at(source: str) -> None:
    """And nothing is raised."""
    found = misread(source, JSONATA_FUNCTIONS)

    assert found is None or 0 <= found.position < len(source)


@pytest.mark.parametrize(
    ("source", "hint"),
    (
        ('a == "b"', "JSONata compares with one ="),
        ('a === "b"', "JSONata compares with one ="),
        ('a !== "b"', "write !="),
        ('a <> "b"', "JSONata's is !="),
        ("a && b", "write and"),
        ("a OR b", "write or"),
        ("not a", "write $not(...)"),
        ("!a", "write $not(...)"),
        ("a?.b", "write . alone: what is absent makes the rest absent, and no error"),
        ("a.map(x => x.b)", "write function($x) { ... }"),
        ("a ** 2", "write $power(a, b)"),
        ("a; ", "leave the semicolon out; several steps stand between ( and )"),
        ("a // b", "a comment is written /* ... */"),
        ("a is b", "JSONata compares with ="),
        ('a like "b"', "write $contains(text, pattern)"),
        ("if (a) b else c", "write CONDITION ? THIS : THAT"),
        ("if a then b", "write CONDITION ? THIS : THAT"),
        ("{{ a }}", "leave {{ and }} out: the expression stands alone"),
        ("${a}", "leave ${ and } out: the expression stands alone"),
        ("p.@t", "a name with @ stands between backquotes"),
        ("p.Plan Name", "a name that is no plain word stands between backquotes: `Plan Name`"),
        ("p.2fa", "a name that is no plain word stands between backquotes: `2fa`"),
        ("a + ", None),
        ("(a", None),
    ),
)
def test_what_does_not_compile_has_a_way_to_be_written(source: str, hint: str | None) -> None:
    """Where it is a habit of other languages."""
    with pytest.raises(ExpressionFault) as found:
        source_of(source)

    assert hint == found.value.hint


@pytest.mark.parametrize(
    ("source", "name", "hint"),
    (
        ("$lowerCase(a)", "lowerCase", "did you mean $lowercase?"),
        ("a ~> $upercase", "upercase", "did you mean $uppercase?"),
        ("$md5(a)", "md5", "write $hash(text)"),
        ("$qqq(a)", "qqq", "there are JSONata's functions, and what stands under define"),
        ("a.$email", "email", "a field of this name stands between backquotes: `$email`"),
        ("$properties.a", "properties", "the field is properties; a variable stands under define"),
        ("$plam", "plam", "did you mean $plan?"),
        ("$HOME", "HOME", "the field is HOME; of the environment it is $env.HOME"),
    ),
)
def test_a_name_that_there_is_not_means_another(source: str, name: str, hint: str) -> None:
    """A function where it is called, else a definition or a field."""
    place = source.index(f"${name}")

    assert hint == hint_for_name(name, source, place, functions=JSONATA_FUNCTIONS, definitions=["plan"])


def test_without_a_place_there_is_no_hint() -> None:
    """The engine did not say where."""
    assert hint_for_syntax("a ==", None) is None
