"""``loops-consumer sandbox``: Loops on this machine, to try a mapping against."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import time
from typing import Annotated, TypeAlias

import orjson
import typer

from consumer.sandbox.options import KeyMode, LimitWay, SandboxOptions
from consumer.sandbox.product import Product
from consumer.sandbox.server import Sandbox
from consumer.sandbox.traffic import traffic

__all__ = ["sandbox"]

_DEFAULT_KEY = "sandbox"
_DEFAULT_SERVERS = "localhost:9092"

_ProductTopic: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TOPIC", help="Produces a made-up product's events there too, at KAFKA_BOOTSTRAP_SERVERS."),
]


def sandbox(  # noqa: PLR0917 - the parameters are the command's options
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free port.")] = 8025,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    rate: Annotated[int, typer.Option(min=1, max=1_000_000, help="The team's limit, requests a second.")] = 10,
    limit: Annotated[LimitWay, typer.Option(help="How the limit is counted.")] = LimitWay.SLIDING,
    key_memory: Annotated[
        KeyMode,
        typer.Option(help="What uses an idempotency key up: 200 or 400; 200 alone; or as any, telling bodies apart."),
    ] = KeyMode.ANY,
    seed: Annotated[int, typer.Option(help="Faults, jitter and identifiers are drawn from it.")] = 0,
    latency_ms: Annotated[float, typer.Option(min=0, max=600_000, help="From a request's effect to its answer.")] = 0,
    jitter_ms: Annotated[
        float, typer.Option(min=0, max=600_000, help="At most so long a request is on its way before it counts.")
    ] = 0,
    product_topic: _ProductTopic = None,
    json: Annotated[bool, typer.Option("--json", help="The addresses as one line of JSON.")] = False,
) -> None:
    """Runs a stand-in for Loops with a page that shows what arrives; ends at Ctrl-C or SIGTERM.

    The key that it takes is LOOPS_API_KEY, or `sandbox` where that is not set. It keeps everything in memory.

    Example: loops-consumer sandbox --port 8025 --limit fixed --latency-ms 20
    """
    options = SandboxOptions(
        api_key=os.environ.get("LOOPS_API_KEY") or _DEFAULT_KEY,
        host=host,
        port=port,
        rate_per_s=rate,
        limit_way=limit,
        key_mode=key_memory,
        seed=seed,
        latency_s=latency_ms / 1000,
        jitter_s=jitter_ms / 1000,
    )
    try:
        asyncio.run(_serve(options, product_topic, json=json))
    except OSError as error:
        typer.echo(f"cannot listen at {host}:{port}: {error.strerror or type(error).__name__}", err=True)
        raise typer.Exit(1) from None


async def _serve(options: SandboxOptions, product_topic: str | None, *, json: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ended.set)
    async with Sandbox(options) as running:
        _say(running, json=json)
        if product_topic is not None:
            await _produce(product_topic, ended)
        await ended.wait()


async def _produce(topic: str, ended: asyncio.Event) -> None:
    """What a busy product produces, by the seconds since 1970 as its seed: no two runs have a person in common."""
    wall = time.time()
    product = Product(os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or _DEFAULT_SERVERS, topic, judged=False)
    await product.run(traffic(int(wall), wall=wall), math.inf, ended)


def _say(running: Sandbox, *, json: bool) -> None:
    if json:
        found = {"base_url": running.base_url, "page": running.address + "/", "port": running.port, "pid": os.getpid()}
        typer.echo(orjson.dumps(found))
        return
    default_key = running.options.api_key == _DEFAULT_KEY
    typer.echo(f"LOOPS_BASE_URL={running.base_url}")
    typer.echo(f"page            {running.address}/")
    typer.echo(f"key             {_DEFAULT_KEY if default_key else 'the one in LOOPS_API_KEY'}")
    typer.echo(f"limit           {running.options.rate_per_s} a second, counted as {running.options.limit_way.value}")
