"""The server around the pages: thumbnails by URL, health and readiness, security headers, the warm-up of a model."""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("uzor")
HERE = Path(__file__).resolve().parent
PICTURE = re.compile(r"([0-9a-f]{64})\.webp")
A_YEAR = "public, max-age=31536000, immutable"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class SecurityHeaders:
    """Adds the headers that keep a page from being framed, sniffed or leaked elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; add the headers to answers over HTTP."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in HEADERS if pair[0] not in there)]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


async def thumbnail(request: Request) -> Response:
    """One re-encoded picture of an imported catalogue; 404 for every name that is not exactly one."""
    match = PICTURE.fullmatch(request.path_params["file"])
    path = await run_in_threadpool(_thumbnail, request.path_params["catalogue"], match[1]) if match else None
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, media_type="image/webp", headers={"cache-control": A_YEAR})


def _thumbnail(catalogue: str, sha256: str) -> Path | None:
    from app import state

    bench = state.bench()
    if catalogue not in bench.catalogues():
        return None
    path = bench.catalogue(catalogue).root / "thumbs" / sha256[:2] / f"{sha256}.webp"
    return path if path.is_file() else None


async def asked(request: Request) -> Response:
    """The small picture of a query that is a photo; 404 for every name that is not exactly one."""
    match = PICTURE.fullmatch(request.path_params["file"])
    path = await run_in_threadpool(_asked, match[1]) if match else None
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, media_type="image/webp", headers={"cache-control": A_YEAR})


def _asked(sha256: str) -> Path | None:
    from app import state

    return state.bench().kept_thumbnail(sha256)


async def health(request: Request) -> Response:
    """The process is alive."""
    return JSONResponse({"ok": True})


async def ready(request: Request) -> Response:
    """The workspace opens and a wanted warm-up is over."""
    warm = request.app.state.warm if hasattr(request.app.state, "warm") else _warm
    return JSONResponse({"ready": warm["over"], "model": warm["model"]}, status_code=200 if warm["over"] else 503)


_warm: dict[str, Any] = {"over": False, "model": ""}


def _warm_up() -> None:
    """Open the workspace, and load the model named by $UZOR_WARM or, for "last", the one of the newest run."""
    from app import state
    from eval import registry
    from eval.contracts import ModelSpec

    try:
        bench = state.bench()
        wanted = os.environ.get("UZOR_WARM", "")
        newest = bench.runs(limit=1) if wanted == "last" else []
        spec = newest[0].spec if newest else wanted if wanted != "last" else ""
        if spec and not registry.lexical(ModelSpec.parse(spec)):
            bench.encoder(spec)
            state.settle(spec)
        _warm.update(model=spec)
    except Exception:
        log.exception("The warm-up failed; the first visitor will load the model")
    finally:
        _warm.update(over=True)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Warm up beside the server, so that it answers at once."""
    import anyio

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, _warm_up)
        yield {"warm": _warm}
        tasks.cancel_scope.cancel()


def told(error: BaseException) -> bool:
    """Show an unexpected error as a calm message with an id that stands in the server's log beside the traceback."""
    from app.language import _

    name = uuid.uuid4().hex[:8]
    log.error("Page error %s", name, exc_info=error)
    st.error(_("Something went wrong on this page. The server's log has the details under {name}.", name=name))
    return True


app = st.App(
    HERE / "main.py",
    lifespan=lifespan,
    middleware=[Middleware(SecurityHeaders)],
    routes=[
        Route("/thumbs/{catalogue}/{file}", thumbnail),
        Route("/asked/{file}", asked),
        Route("/api/health", health),
        Route("/api/ready", ready),
    ],
    on_script_error=told,
)
