"""Who gives tokens for Kafka: the token endpoint of an identity provider, for one client, over TLS."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import ssl
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.kafka.certificates import Certificate
from tests.kafka.listeners import KEYSTORE_PASSWORD

__all__ = ["AUDIENCE", "ISSUER", "TokenEndpoint"]

AUDIENCE: Final = "kafka"
ISSUER: Final = "https://tokens.example.net"
_VALID_S: Final = 60


class TokenEndpoint:
    """Gives a token to who shows the right id and secret (OAuth's client credentials), within a ``with``."""

    def __init__(self, certificate: Certificate, keys: Path, *, client_id: str, secret: str) -> None:
        """Writes the public half of its key to ``keys``, as a JWKS; ``secret`` may be changed at any time."""
        self.secret = secret
        self.url = ""
        self._client_id = client_id
        self._certificate = certificate
        self._key = ECKey.generate_key("P-256", {"kid": "of-the-tests", "use": "sig", "alg": "ES256"})
        keys.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="token-endpoint", daemon=True)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        """Listens."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listens no more."""
        if self._runner is not None:
            asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/token", self._token)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate.authority, self._certificate.key, KEYSTORE_PASSWORD)
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}/token"

    async def _token(self, request: web.Request) -> web.Response:
        given = (await request.post()).get("grant_type")
        shown = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        right = hmac.compare_digest(shown, f"{self._client_id}:{self.secret}")
        if given != "client_credentials" or not right:
            refused = {"error": "invalid_client", "error_description": "unknown client or wrong secret"}
            return web.json_response(refused, status=401)
        now = int(time.time())
        claims = {"sub": self._client_id, "aud": AUDIENCE, "iss": ISSUER, "iat": now, "exp": now + _VALID_S}
        token = jwt.encode({"alg": "ES256", "kid": "of-the-tests"}, {**claims, "scope": "events"}, self._key)
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": _VALID_S})
