"""The mapping's files are watched: what changed and is whole takes effect or is refused, once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from consumer.adapters import mapping_file
from consumer.adapters.mapping_file import MappingFile
from consumer.adapters.mapping_folder import read_mapping
from consumer.mapping.renewal import RefusalKind, Renewal
from tests.waiting import until_async

WITHIN_S = 20
LOOK_EVERY_S = 0.05

ONE = "format: segment\nrules:\n  - {name: a, when: A, send: a}\n"
TWO = f"{ONE}  - {{name: b, when: B, update: true}}\n"
BROKEN = f"{ONE}  - {{name: b, when: B, updte: true}}\n"
TEST = "tests: [{{name: t, given: {{type: track, event: A, userId: u1}}, expect: [{expect}]}}]\n"


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.found: list[Renewal] = []
        self.refused: list[tuple[RefusalKind, Sequence[str]]] = []

    def mapping_found(self, renewal: Renewal) -> None:
        """Keeps it."""
        self.found.append(renewal)

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """Keeps it."""
        self.refused.append((kind, reasons))

    @property
    def rules(self) -> list[list[str]]:
        """Of each that was found, the rules."""
        return [sorted(renewal.rules.ids) for renewal in self.found]


class Watched:
    """A folder with a mapping in it, which is watched."""

    def __init__(self, folder: Path, look_every_s: float) -> None:
        """Begins with one rule."""
        self.file = folder / "mapping.yaml"
        self.file.write_text(ONE)
        in_use = read_mapping(self.file, (), {}).digest
        self.listener = Listener()
        self.source = MappingFile(self.file, (), {}, in_use, look_every_s=look_every_s)
        self.looks = 0
        look = self.source._files.look

        def counted() -> mapping_file.Contents:
            self.looks += 1
            return look()

        self.source._files.look = counted  # type: ignore[method-assign]  # only counts

    async def looked(self, times: int = 4) -> None:
        """Waits until it has looked so often; four are two in a row, and the judging between them."""
        enough = self.looks + times
        await until_async(lambda: self.looks >= enough, WITHIN_S, "it looked")

    async def writes(self, text: str, name: str = "mapping.yaml") -> None:
        """Writes a file, and waits until that has been seen."""
        (self.file.parent / name).write_text(text)
        await self.looked()


MakeWatched = Callable[..., Watched]


@pytest_asyncio.fixture
async def watch(tmp_path: Path) -> AsyncIterator[MakeWatched]:
    """Watches a folder; nothing is watched any more at the end."""
    made: list[Watched] = []

    def begin(folder: Path = tmp_path, look_every_s: float = LOOK_EVERY_S) -> Watched:
        made.append(Watched(folder, look_every_s))
        made[-1].source.start(made[-1].listener)
        return made[-1]

    yield begin
    for watched in made:
        watched.source.stop()
        watched.source.stop()


async def test_a_changed_file_is_found_once(watch: MakeWatched) -> None:
    """And one that stays as it is never, nor one that is only touched."""
    watched = watch()
    await watched.looked()
    watched.file.touch()
    await watched.writes(ONE)
    assert [] == watched.listener.found

    await watched.writes(TWO)
    await watched.looked()

    assert [["a", "b"]] == watched.listener.rules
    assert ((), []) == (watched.source.refused, watched.listener.refused)


async def test_a_broken_one_is_refused_once_and_said_until_it_is_mended(watch: MakeWatched) -> None:
    """By place and message; what was in use is in use again without being found."""
    watched = watch()
    await watched.writes(BROKEN)
    await watched.looked()

    ((kind, reasons),) = watched.listener.refused
    assert ("faults", [f"{watched.file}:4: rules[1].updte: unknown key"]) == (kind, list(reasons)[:1])
    assert watched.source.refused == reasons
    await watched.writes(ONE)
    assert ((), []) == (watched.source.refused, watched.listener.found)


async def test_one_whose_test_fails_is_refused_until_test_or_rule_is_mended(watch: MakeWatched) -> None:
    """A test beside it counts as one of its own."""
    watched = watch()
    (watched.file.parent / "tests").mkdir()
    await watched.writes(TEST.format(expect=""), "tests/more.yaml")
    assert [] == watched.listener.refused
    await watched.writes(TWO)
    assert [("tests", ("its test 't' fails",))] == watched.listener.refused

    await watched.writes(TEST.format(expect="{send: a, userId: u1}"), "tests/more.yaml")

    assert ([["a", "b"]], ()) == (watched.listener.rules, watched.source.refused)


async def test_what_it_includes_is_watched_too(watch: MakeWatched) -> None:
    """Even before it is there."""
    watched = watch()
    await watched.writes(f"{ONE}include: [more.yaml]\n")
    assert ["faults"] == [kind for kind, _ in watched.listener.refused]

    await watched.writes("rules: [{name: b, when: B, update: true}]\n", "more.yaml")
    await watched.writes("rules: [{name: c, when: B, update: true}]\n", "more.yaml")

    assert [["a", "b"], ["a", "c"]] == watched.listener.rules


async def test_a_file_that_is_gone_is_refused_only_until_it_is_back(watch: MakeWatched) -> None:
    """Whoever replaces a file may take it away first."""
    watched = watch()
    await watched.looked()
    watched.file.unlink()
    await watched.looked()
    assert ["faults"] == [kind for kind, _ in watched.listener.refused]

    await watched.writes(TWO)

    assert ([["a", "b"]], ()) == (watched.listener.rules, watched.source.refused)


async def test_a_file_that_is_still_being_written_is_not_taken_for_whole(tmp_path: Path) -> None:
    """Cut behind a rule it is a valid mapping, whose missing rules would pass their records over."""
    watched = Watched(tmp_path, 0.01)
    texts = [TWO + f"  - {{name: c{number}, when: C, send: c}}\n" for number in range(10)]
    look = watched.source._files.look

    def another_each_time() -> mapping_file.Contents:
        if texts:
            watched.file.write_text(texts.pop(0))
        return look()

    watched.source._files.look = another_each_time  # type: ignore[method-assign]  # somebody goes on writing
    watched.source.start(watched.listener)
    await until_async(lambda: bool(watched.listener.found), WITHIN_S, "the mapping")
    watched.source.stop()

    assert [["a", "b", "c9"]] == watched.listener.rules


async def test_who_asks_is_not_made_to_wait(watch: MakeWatched) -> None:
    """One look is enough then."""
    watched = watch(look_every_s=600.0)
    await until_async(lambda: watched.looks >= 2, WITHIN_S, "it knows what is there")
    watched.file.write_text(TWO)

    watched.source.look()

    await until_async(lambda: bool(watched.listener.found), WITHIN_S, "the mapping")
    assert [["a", "b"]] == watched.listener.rules


async def test_a_swapped_folder_is_one_change(watch: MakeWatched, tmp_path: Path) -> None:
    """As Kubernetes mounts a ConfigMap: the file is a link into ``..data``, itself a link that is replaced."""
    for version, text in (("..1", ONE), ("..2", TWO)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "mapping.yaml").write_text(text)
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "mapping.yaml").symlink_to("..data/mapping.yaml")
    watched = watch()
    await watched.looked()

    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").rename(tmp_path / "..data")
    shutil.rmtree(tmp_path / "..1")
    await watched.looked()

    assert ([["a", "b"]], []) == (watched.listener.rules, watched.listener.refused)


async def test_what_was_changed_before_the_first_look_is_found(tmp_path: Path) -> None:
    """Between the start of the program, which read it, and that of the watch."""
    watched = Watched(tmp_path, LOOK_EVERY_S)
    watched.file.write_text(TWO)

    watched.source.start(watched.listener)

    await until_async(lambda: bool(watched.listener.found), WITHIN_S, "the mapping")
    watched.source.stop()
    assert [["a", "b"]] == watched.listener.rules


async def test_a_reason_names_no_contact(watch: MakeWatched) -> None:
    """Recipients and tests may."""
    watched = watch()
    await watched.writes(f"recipients: {{user@example.com: 1}}\n{ONE}tests: [{{name: user@example.com, given: 1}}]\n")

    ((_, reasons),) = watched.listener.refused
    assert "example.com" not in str(reasons)


async def test_a_defect_of_the_compiler_refuses_the_mapping_and_goes_on(
    watch: MakeWatched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text, which may quote a value, is shown nowhere."""
    watched = watch()
    await watched.looked()

    def broken(*_: object) -> None:
        raise KeyError("user@example.com")

    with structlog.testing.capture_logs() as lines, monkeypatch.context() as patch:
        patch.setattr(mapping_file, "renewed", broken)
        await watched.writes(TWO)
    assert ["mapping_not_compiled"] == [line["event"] for line in lines]
    assert "example.com" not in str([lines, watched.listener.refused])
    assert 1 == len(watched.listener.refused)

    await watched.writes(f"{TWO}paused: true\n")

    assert [["a", "b"]] == watched.listener.rules
