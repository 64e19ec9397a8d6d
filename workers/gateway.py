"""The gateway process: webhooks in, health, metrics and the API."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from temporalio.client import Client

from workers.garbage import spare_the_collector
from workers.lanes import Lanes, ensure_lane
from workers.metrics import WEBHOOK_SECONDS
from workers.receiving import HookDesk
from workers.settings import Settings
from workers.temporal import connect
from workers.workspace import WorkspaceFolder
from workflows.messages import Intervals
from workflows.store.database import Store, wait_for_store

log = structlog.get_logger()


def build(settings: Settings, folder: WorkspaceFolder, store: Store, client: Client) -> FastAPI:
    """The application."""
    # No redirects either: they would lead to whatever host a stranger claims to have asked.
    app = FastAPI(title="Syncline", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    lanes = Lanes(client, Intervals(settings.sweep_seconds, settings.full_sweep_seconds))
    desk = HookDesk(settings, folder, store, lanes)

    async def receive(request: Request) -> Response:
        started = time.perf_counter()
        try:
            return await desk.receive(request)
        finally:
            WEBHOOK_SECONDS.observe(time.perf_counter() - started)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        try:
            await client.service_client.check_health()
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            return JSONResponse({"status": "no Temporal", "reason": type(error).__name__}, 503)
        return JSONResponse({"status": "ready", "mappings": sorted(folder.current().mappings)})

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    # Plain routes: the hot path needs no model of its body, which must stay raw for the signature.
    app.router.add_route("/hooks/{connection}", receive, methods=["POST"])
    app.router.add_route("/hooks/{connection}/{hook}", receive, methods=["POST"])
    app.router.add_route("/healthz", healthz)
    app.router.add_route("/readyz", readyz)
    app.router.add_route("/metrics", metrics)
    return app


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[FastAPI]:
    store = await wait_for_store(settings.store_url)
    client = await connect(settings)
    try:
        folder = WorkspaceFolder(settings.workspace)
        intervals = Intervals(settings.sweep_seconds, settings.full_sweep_seconds)
        for name in folder.current().mappings:
            # What was delivered while no gateway listened is found by a sweep: now, not when the next one is due.
            await ensure_lane(client, name, intervals)
        yield build(settings, folder, store, client)
    finally:
        await store.close()


async def run_gateway(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are answered."""
    async with _parts(settings) as app:
        config = uvicorn.Config(
            app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=10,
        )  # fmt: skip
        spare_the_collector()
        log.info("gateway ready", address=settings.http)
        await uvicorn.Server(config).serve()
