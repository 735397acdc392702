"""The image's bill of materials, and the question for known flaws of what it holds."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest

from tests.deploy.licences import held
from tests.deploy.tools import ROOT, tool

pytestmark = pytest.mark.timeout(300)

_FLAW: Final = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "summary": "made up",
    "details": "made up",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "aiohttp", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}],
        }
    ],
}


class Advisories(BaseHTTPRequestHandler):
    """Answers as https://osv.dev does: a flaw of those packages that are ``flawed``."""

    flawed: ClassVar[set[str]] = set()
    asked: ClassVar[set[tuple[str, str]]] = set()

    def do_POST(self) -> None:
        """One package in its version."""
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = question["package"]["name"]
        self.asked.add((name, question["version"]))
        answer = json.dumps({"vulns": [_FLAW]} if name in self.flawed else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def advisories() -> Iterator[str]:
    """The address of a stand-in for the database, which cannot be reached from everywhere."""
    Advisories.asked.clear()
    Advisories.flawed.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()
        thread.join()


def test_the_bill_of_materials_names_what_the_image_holds(tmp_path: Path) -> None:
    """Valid CycloneDX, as the tool that writes it checks; each package in its version, with what it needs."""
    file = tmp_path / "sbom.json"
    ran = make("sbom", f"SBOM={file}")

    assert (0, "") == (ran.returncode, ran.stderr)
    bill = json.loads(file.read_text())
    assert ("CycloneDX", "loops-consumer") == (bill["bomFormat"], bill["metadata"]["component"]["name"])
    assert {(each.name, each.version) for each in held()} == {(c["name"], c["version"]) for c in bill["components"]}
    (needs,) = [each["dependsOn"] for each in bill["dependencies"] if each["ref"] == "root-component"]
    assert {"aiohttp", "confluent-kafka"} <= {ref.partition("==")[0] for ref in needs}


def test_the_audit_asks_about_every_package_and_passes_without_a_flaw(advisories: str) -> None:
    """In the version that the lock has."""
    ran = make("audit", f"ADVISORIES={advisories}")

    assert 0 == ran.returncode, ran.stderr
    assert {(each.name.lower().replace("_", "-").replace(".", "-"), each.version) for each in held()} == {
        (name.lower().replace("_", "-").replace(".", "-"), version) for name, version in Advisories.asked
    }


def test_the_audit_fails_with_a_flaw(advisories: str) -> None:
    """And names it."""
    Advisories.flawed.add("aiohttp")
    ran = make("audit", f"ADVISORIES={advisories}")

    assert 0 != ran.returncode
    assert "GHSA-aaaa-bbbb-cccc" in ran.stdout


def test_the_audit_fails_where_nobody_answers() -> None:
    """A question without an answer is no answer that all is well."""
    assert 0 != make("audit", "ADVISORIES=http://127.0.0.1:9/v1/query").returncode


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """``make`` with these words."""
    command = [tool("make"), "--no-print-directory", *words]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=170)  # noqa: S603 - ours
