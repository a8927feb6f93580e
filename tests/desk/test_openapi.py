"""What the desk answers is what docs/openapi.yaml says."""

from __future__ import annotations

from typing import Any

import jsonschema
import yaml

from desk.settings import ROOT
from tests.desk.conftest import CRISIS, Running

API: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text("utf-8"))


def conforms(body: Any, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": API["components"]}
    jsonschema.Draft202012Validator(schema).validate(body)


async def get(desk: Running, path: str) -> Any:
    async with desk.http.get(desk.url + path) as answer:
        return await answer.json()


async def test_answers_keep_to_the_description(desk: Running) -> None:
    conforms(await get(desk, "/api/v1/notice"), "Introduction")
    conforms(await get(desk, "/readyz"), "Readiness")
    async with desk.http.post(f"{desk.url}/api/v1/conversations") as answer:
        begun = await answer.json()
    conforms(begun, "Begun")
    for text in ("how much is it", CRISIS, ""):
        conforms((await desk.send(begun["token"], text))[1], "Answered")
    conforms({"messages": await desk.history(begun["token"])}, "History")
    conforms((await desk.send("forged", CRISIS))[1], "Error")


def test_every_route_is_described(desk: Running) -> None:
    paths = {f"/{route.path}" for route in desk.app.router.routes}
    described = set(API["paths"])
    assert {path for path in paths if path.startswith("/api/")} == {
        path for path in described if path.startswith("/api/")
    }
    assert {"/healthz", "/readyz"} <= paths & described
