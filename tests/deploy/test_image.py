"""The image, built from its Dockerfile as it stands and run as a restricted pod runs it, on a real Kafka."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.container_engine import ContainerEngine
from tests.deploy.image import BASE, IMAGE, ConsumerContainer, build
from tests.deploy.tools import ROOT, tool
from tests.kafka import group, oracles, product
from tests.kafka.job import MAPPING, Job, MakeJob, let_in, numbers_of, sandbox_of
from tests.redaction import API_KEY
from tests.waiting import until

pytestmark = pytest.mark.timeout(900)

OVER_THE_BASE_MAX_MB: Final = 120
STARTS_WITHIN_S: Final = 2.0
STARTS_MAX: Final = 10
GRACE_S: Final = 35
"""The chart's: the time to drain, and ten seconds."""

BUILDERS: Final = ("cc", "c++", "gcc", "g++", "clang", "make", "cmake", "ld", "rustc", "cargo", "git", "curl", "wget")

NUMBER_ALONE: Final = {**MAPPING, "rules": [{**MAPPING["rules"][0], "event": {"number": "properties.number"}}]}
"""Loops takes no text as long as makes a record large."""

RunContainer = Callable[[Job], ConsumerContainer]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerEngine]:
    """With the image, and its base, in it."""
    with ContainerEngine() as found:
        build(found, tmp_path_factory.mktemp("build"))
        yield found


@pytest.fixture
def run_container(
    engine: ContainerEngine, tmp_path: Path, run_logs: Path, request: pytest.FixtureRequest
) -> Iterator[RunContainer]:
    """Starts a container of a job, with its files where the chart mounts them."""
    running: list[ConsumerContainer] = []

    def run(job: Job) -> ConsumerContainer:
        settings = tmp_path / f"etc-{len(running)}"
        lay_out(job, settings)
        running.append(ConsumerContainer(engine, settings, run_logs / f"{request.node.name}-{len(running)}.log"))
        return running[-1]

    yield run
    for each in running:
        each.kill()


def test_hadolint_has_nothing_to_say() -> None:
    """But for what the file itself gives a reason for."""
    command = [tool("hadolint"), str(ROOT / "deploy" / "Dockerfile")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - hadolint, and our file
    assert ("", 0) == (ran.stdout + ran.stderr, ran.returncode)


def test_the_image_adds_the_program_to_its_base_and_nothing_else(engine: ContainerEngine) -> None:
    """One directory, below 120 MB: no package of the system, no compiler, no tool that the base does not have."""
    changed = json.loads(engine.podman("image", "diff", "--format=json", IMAGE, BASE))
    paths = [path for kind in changed.values() for path in kind]
    sizes = {name: engine.inspected("image", name)["Size"] for name in (IMAGE, BASE)}

    assert [] == [path for path in paths if not f"{path}/".startswith(("/opt/", "/opt/loops-consumer/"))]
    assert "/opt/loops-consumer" in paths
    assert sizes[IMAGE] - sizes[BASE] <= OVER_THE_BASE_MAX_MB * 1e6
    found = [name for name in BUILDERS if python(engine, f"import shutil; print(shutil.which({name!r}))") != "None"]
    assert [] == found
    commands = python(engine, "import os; print(*sorted(os.listdir('/opt/loops-consumer/bin')))").split()
    assert ["loops-consumer", "python", "python3"] == [name for name in commands if name != "python3.11"]


def test_the_image_says_what_it_is(engine: ContainerEngine) -> None:
    """Labels of the OCI, with the version and the commit that were given; what it runs, as whom, and its port."""
    config: dict[str, Any] = engine.inspected("image", IMAGE)["Config"]
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    git = subprocess.run([tool("git"), "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - git, and words of ours
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert (version, git.stdout.strip(), "MIT", BASE) == tuple(
        labels[name] for name in ("version", "revision", "licenses", "base.name")
    )
    assert {"title", "description", "source", "documentation"} < labels.keys()
    assert ("10001:10001", ["loops-consumer"], ["run"]) == (config["User"], config["Entrypoint"], config["Cmd"])
    assert ["9464/tcp"] == list(config["ExposedPorts"])
    assert f"loops-consumer {version}" == engine.podman("run", "--rm", IMAGE, "--version").strip()


def test_the_image_holds_what_its_lock_names(engine: ContainerEngine) -> None:
    """Each package of ``requirements-image.lock`` in its version, and no other but the program."""
    lock = (ROOT / "requirements-image.lock").read_text()
    locked = {tuple(line.split()[0].split("==")) for line in lock.splitlines() if line[:1].isalnum()}
    listed = python(
        engine, "import importlib.metadata as m; print(*[f'{d.name}=={d.version}' for d in m.distributions()])"
    )
    held = {
        (name.lower().replace("_", "-").replace(".", "-"), version)
        for name, version in (word.split("==") for word in listed.split())
    }

    assert {"loops-consumer"} == {name for name, _ in held - locked}
    assert set() == {name for name, _ in locked - held} - ELSEWHERE


ELSEWHERE: Final = {"colorama", "httpx2-jsfetch"}
"""Of the lock, what only other systems need."""


def test_it_starts_within_two_seconds(make_job: MakeJob, run_container: RunContainer) -> None:
    """From ``run`` to the first answer of ``/livez``; one of ten has to, as a busy machine says nothing of it."""
    job = make_job()
    took_s: list[float] = []
    while len(took_s) < STARTS_MAX and not any(took < STARTS_WITHIN_S for took in took_s):
        began = time.monotonic()
        consumer = run_container(job)
        consumer.until_page("/livez", 60)
        took_s.append(time.monotonic() - began)
        consumer.kill()

    assert min(took_s) < STARTS_WITHIN_S, took_s


def test_memory_and_read_only_root_hold_under_load(
    make_job: MakeJob, run_container: RunContainer, engine: ContainerEngine
) -> None:
    """As much in flight as the settings allow, in 256 MB and without a place to write; everything arrives once."""
    records = 12_000
    job = make_job(sandbox_of(10_000))
    job.map(NUMBER_ALONE)
    events = product.make(records, users=3_000, note="x" * 6_500)
    job.produce(events)
    consumer = run_container(job).until_ready()
    held = until(
        lambda: consumer.metric("loops_consumer_pauses_total", reason="full"), 60, "more lies there than may be read"
    )
    seen = Path(f"/proc/{consumer.inside_pid}/status").read_text()
    job.sandbox.until_events(records, 120)
    job.until_committed()

    assert held >= 1
    assert {"Uid": "10001", "CapEff": "0000000000000000", "NoNewPrivs": "1"} == facts(
        seen, "Uid", "CapEff", "NoNewPrivs"
    )
    state = engine.inspected("container", consumer.name)["State"]
    assert (True, False) == (state["Running"], state["OOMKilled"])
    tried = "import pathlib\ntry:\n pathlib.Path('/tmp/x').touch()\nexcept OSError as e:\n print(e.strerror)"
    assert "Read-only file system" == engine.podman("exec", consumer.name, "python", "-c", tried).strip()
    sightings = oracles.sightings(job.sandbox.received())
    assert ([], []) == (oracles.lost(events, sightings), oracles.twice_in_effect(sightings))
    assert 0 == consumer.stop(GRACE_S)


def test_sigterm_drains(make_job: MakeJob, run_container: RunContainer) -> None:
    """What is on the wire ends and is committed; the next container goes on, and nothing is sent twice."""
    records = 600
    job = make_job(sandbox_of(40, latency_s=0.2))
    job.produce(product.make(records, users=30))
    first = run_container(job).until_ready()
    job.sandbox.until_events(30, 60)

    assert 0 == first.stop(GRACE_S)

    sent_by_first = len(job.sandbox.received())
    assert 30 <= sent_by_first < records
    assert 0 == group.members(job.kafka.bootstrap_servers, job.group)
    run_container(job).until_ready()
    job.sandbox.until_events(records, 60)
    job.until_committed()
    assert list(range(records)) == sorted(numbers_of(let_in(job.sandbox.received())))


def test_check_reads_what_is_mounted(make_job: MakeJob, engine: ContainerEngine, tmp_path: Path) -> None:
    """Commands find the settings without being told where: as ``kubectl exec`` has it."""
    lay_out(make_job(), tmp_path / "etc")
    said = engine.podman("run", "--rm", f"--volume={tmp_path / 'etc'}:/etc/loops-consumer:ro", IMAGE, "check")
    assert "config/mapping/mapping.yaml" in said


def lay_out(job: Job, settings: Path) -> None:
    """The job's files as a pod has them at ``/etc/loops-consumer``: the key is a file."""
    for name in ("mapping", "secrets/loops"):
        (settings / name).mkdir(parents=True)
    config = json.loads(job.config.read_text())
    config["mapping"] = "mapping/mapping.yaml"
    config["loops"]["api_key_file"] = "secrets/loops/api-key"
    (settings / "consumer.yaml").write_text(json.dumps(config))
    (settings / "secrets" / "loops" / "api-key").write_text(API_KEY)
    shutil.copy(job.config.parent / "mapping.yaml", settings / "mapping")
    for path in (settings, *settings.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o444)


def python(engine: ContainerEngine, code: str) -> str:
    """What the image's Python prints."""
    return engine.podman("run", "--rm", "--entrypoint=python", IMAGE, "-c", code).strip()


def facts(status: str, *names: str) -> dict[str, str]:
    """Lines of ``/proc/PID/status``: the first word of each."""
    found = dict(line.split(":", 1) for line in status.splitlines())
    return {name: found[name].split()[0] for name in names}
