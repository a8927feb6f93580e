"""A conversation with a running desk, as tests hold it."""

from __future__ import annotations

from typing import Any

from tests.desk.conftest import Running

RISK = "i dont want to be here anymore"


class Talk:
    """A conversation with a running desk."""

    def __init__(self, desk: Running, token: str) -> None:
        self.desk, self.token = desk, token
        self.last: dict[str, Any] = {}

    async def say(self, text: str) -> list[dict[str, Any]]:
        status, body = await self.desk.send(self.token, text)
        assert status == 200
        return self._kept(body)

    async def press(self, button: str) -> list[dict[str, Any]]:
        status, body = await self.desk.send(self.token, button=button)
        assert status == 200
        return self._kept(body)

    def _kept(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        self.last = body
        replies: list[dict[str, Any]] = body["replies"]
        return replies

    def alerts(self) -> list[tuple[str, str, str]]:
        rows = self.desk.rows("select category, tier, rule from alerts order by seq")
        return [tuple(row) for row in rows]

    def texts(self) -> list[str]:
        rows = self.desk.rows("select answer_id from messages where answer_id like 'crisis%'")
        return [row[0] for row in rows]


async def talk(desk: Running) -> Talk:
    token, _ = await desk.start()
    return Talk(desk, token)


def buttons(item: dict[str, Any]) -> list[str]:
    return [button["id"] for button in item["buttons"]]


def hrefs(item: dict[str, Any]) -> list[str]:
    return [link["href"] for link in item["links"]]
