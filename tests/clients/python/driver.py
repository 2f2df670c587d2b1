"""matrix-nio with encryption, driven by JSON lines on stdin and stdout.

The commands and their answers are described in ../README.md; the library's log goes to stderr.
"""

import asyncio
import json
import logging
import sys
import tempfile

from nio import (
    AsyncClient,
    AsyncClientConfig,
    ErrorResponse,
    EnableEncryptionBuilder,
    MessageDirection,
    RoomMessageText,
    RoomPreset,
    RoomVisibility,
)

DEVICE_NAME = "matrix-nio"


class Failed(Exception):
    """The server or the library refused a command."""


def checked(response):
    """Returns the response, or raises if nio made an error of it."""
    if isinstance(response, ErrorResponse):
        raise Failed(str(response))
    return response


class Driver:
    """One client. Each public method is a command."""

    def __init__(self, store: str):
        self.store = store
        self.client: AsyncClient | None = None
        self.syncing: asyncio.Task | None = None
        self.seen: list[dict] = []
        self.changed = asyncio.Condition()

    def _open(self, url: str, username: str) -> AsyncClient:
        # A short back-off: a server that restarts is back within a second.
        config = AsyncClientConfig(max_timeout_retry_wait_time=0.5, store_sync_tokens=True)
        self.client = AsyncClient(url, username, store_path=self.store, config=config)
        self.client.add_event_callback(self._on_message, RoomMessageText)
        self.client.add_response_callback(self._on_response)
        return self.client

    async def _on_message(self, _room, event) -> None:
        self.seen.append(message(event) | {"room_id": _room.room_id})

    async def _on_response(self, _response) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _until(self, what: str, timeout_s: float, look):
        """Waits for the first truthy value of `look`, asked again after each answer of the server."""
        try:
            async with asyncio.timeout(timeout_s), self.changed:
                while not (found := look()):
                    if self.syncing and self.syncing.done():
                        self.syncing.result()
                    await self.changed.wait()
                return found
        except TimeoutError:
            raise Failed(f"no {what} in {timeout_s} s") from None

    def _session(self) -> dict:
        client = self.client
        return {"user_id": client.user_id, "device_id": client.device_id, "access_token": client.access_token}

    async def register(self, url: str, username: str, password: str) -> dict:
        # nio sends the dummy stage at once, without a session of the server's.
        checked(await self._open(url, username).register(username, password, DEVICE_NAME))
        return self._session()

    async def login(self, url: str, username: str, password: str) -> dict:
        checked(await self._open(url, username).login(password, DEVICE_NAME))
        return self._session()

    async def start_sync(self) -> None:
        if self.client.should_upload_keys:
            checked(await self.client.keys_upload())
        self.syncing = asyncio.create_task(self.client.sync_forever(timeout=30_000, full_state=True))
        await self._until("first sync", 30, lambda: self.client.next_batch)

    async def stop_sync(self) -> None:
        if self.syncing:
            self.syncing.cancel()
            await asyncio.wait([self.syncing])
            self.syncing = None

    async def create_dm(self, user_id: str) -> dict:
        created = checked(
            await self.client.room_create(
                visibility=RoomVisibility.private,
                is_direct=True,
                preset=RoomPreset.trusted_private_chat,
                invite=[user_id],
                initial_state=[EnableEncryptionBuilder().as_dict()],
            )
        )
        return {"room_id": created.room_id}

    async def join(self, room_id: str, timeout_s: float) -> None:
        await self._until("invite", timeout_s, lambda: room_id in self.client.invited_rooms)
        checked(await self.client.join(room_id))
        await self._until("join", timeout_s, lambda: room_id in self.client.rooms)

    async def wait_joined(self, room_id: str, user_id: str, timeout_s: float) -> None:
        def joined():
            room = self.client.rooms.get(room_id)
            return room and room.encrypted and user_id in room.users and user_id not in room.invited_users

        await self._until("joined member", timeout_s, joined)

    async def send(self, room_id: str, body: str) -> dict:
        content = {"msgtype": "m.text", "body": body}
        sent = await self.client.room_send(room_id, "m.room.message", content, ignore_unverified_devices=True)
        return {"event_id": checked(sent).event_id}

    async def wait_message(self, room_id: str, body: str, timeout_s: float) -> dict:
        def arrived():
            return next((m for m in self.seen if m["room_id"] == room_id and m["body"] == body), None)

        return await self._until(f"message {body}", timeout_s, arrived)

    async def history(self, room_id: str) -> dict:
        page = checked(await self.client.room_messages(room_id, direction=MessageDirection.back, limit=100))
        messages = [message(event) for event in page.chunk if isinstance(event, RoomMessageText)]
        return {"messages": messages[::-1]}

    async def logout(self) -> None:
        await self.stop_sync()
        checked(await self.client.logout())

    async def _close(self) -> None:
        await self.stop_sync()
        if self.client:
            await self.client.close()


def message(event: RoomMessageText) -> dict:
    return {
        "event_id": event.event_id,
        "sender": event.sender,
        "body": event.body,
        "encrypted": event.decrypted,
    }


async def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    with tempfile.TemporaryDirectory(prefix="hearth-nio-") as store:
        driver = Driver(store)
        while line := await asyncio.to_thread(sys.stdin.readline):
            args = json.loads(line)
            answer = {"id": args.pop("id")}
            try:
                answer["ok"] = await getattr(driver, args.pop("cmd"))(**args) or {}
            except Exception as error:  # whatever goes wrong is the test's to judge
                logging.exception("command failed")
                answer["error"] = f"{type(error).__name__}: {error}"
            print(json.dumps(answer), flush=True)
        await driver._close()


if __name__ == "__main__":
    asyncio.run(main())
