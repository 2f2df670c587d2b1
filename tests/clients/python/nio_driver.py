"""matrix-nio with encryption, driven by JSON lines on stdin and stdout."""

import asyncio
import io
import tempfile

from nio import (
    AsyncClient,
    AsyncClientConfig,
    ErrorResponse,
    EnableEncryptionBuilder,
    MessageDirection,
    RoomEncryptedFile,
    RoomMessage,
    RoomMessageText,
    RoomPreset,
    RoomVisibility,
)
from nio.crypto import decrypt_attachment

import base

DEVICE_NAME = "matrix-nio"


def checked(response):
    """Returns the response, or raises if nio made an error of it."""
    if isinstance(response, ErrorResponse):
        raise base.Failed(str(response))
    return response


class Driver(base.Driver):
    """One client. Each public method is a command."""

    def __init__(self, store: str):
        super().__init__()
        self.store = store
        self.client: AsyncClient | None = None
        self.url = ""
        self.session: dict = {}
        self.seen: list[dict] = []

    def _open(self, url: str, user: str) -> AsyncClient:
        # A short back-off: a server that restarts is back within a second.
        config = AsyncClientConfig(max_timeout_retry_wait_time=0.5, store_sync_tokens=True)
        self.client = AsyncClient(url, user, store_path=self.store, config=config)
        self.client.add_event_callback(self._on_message, (RoomMessageText, RoomEncryptedFile))
        self.client.add_response_callback(self._on_response)
        return self.client

    async def _on_message(self, _room, event) -> None:
        self.seen.append(message(event) | {"room_id": _room.room_id})

    async def _on_response(self, _response) -> None:
        await self._tell_change()

    def _signed_in(self, url: str) -> dict:
        client = self.client
        self.url = url
        self.session = {
            "user_id": client.user_id,
            "device_id": client.device_id,
            "access_token": client.access_token,
        }
        return self.session

    async def register(self, url: str, username: str, password: str) -> dict:
        # nio sends the dummy stage at once, without a session of the server's.
        checked(await self._open(url, username).register(username, password, DEVICE_NAME))
        return self._signed_in(url)

    async def login(self, url: str, username: str, password: str) -> dict:
        checked(await self._open(url, username).login(password, DEVICE_NAME))
        return self._signed_in(url)

    async def start_sync(self) -> None:
        if not self.client:
            self._open(self.url, self.session["user_id"]).restore_login(**self.session)
        if self.client.should_upload_keys:
            checked(await self.client.keys_upload())
        self.syncing = asyncio.create_task(self.client.sync_forever(timeout=30_000, full_state=True))
        await self._until("first sync", 30, lambda: self.client.next_batch)

    async def stop_sync(self) -> None:
        if self.syncing:
            self.syncing.cancel()
            await asyncio.wait([self.syncing])
            self.syncing = None
        if self.client:
            await self.client.close()
            self.client = None

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

    async def _send(self, room_id: str, content: dict) -> dict:
        sent = await self.client.room_send(room_id, "m.room.message", content, ignore_unverified_devices=True)
        return {"event_id": checked(sent).event_id}

    async def send(self, room_id: str, body: str) -> dict:
        return await self._send(room_id, {"msgtype": "m.text", "body": body})

    async def send_file(self, room_id: str, name: str, data: list[int]) -> dict:
        plain = bytes(data)
        uploaded, keys = await self.client.upload(io.BytesIO(plain), encrypt=True, filesize=len(plain))
        file = keys | {"url": checked(uploaded).content_uri}
        return await self._send(room_id, {"msgtype": "m.file", "body": name, "file": file})

    async def wait_message(self, room_id: str, body: str, timeout_s: float) -> dict:
        def arrived():
            return next((m for m in self.seen if m["room_id"] == room_id and m["body"] == body), None)

        return await self._until(f"message {body}", timeout_s, arrived)

    async def _page(self, room_id: str) -> list[RoomMessage]:
        """The room's messages from the server, newest first, decrypted."""
        page = checked(await self.client.room_messages(room_id, direction=MessageDirection.back, limit=100))
        return [event for event in page.chunk if isinstance(event, (RoomMessageText, RoomEncryptedFile))]

    async def history(self, room_id: str) -> dict:
        return {"messages": [message(event) for event in reversed(await self._page(room_id))]}

    async def read_file(self, room_id: str, event_id: str) -> dict:
        event = next(event for event in await self._page(room_id) if event.event_id == event_id)
        encrypted = checked(await self.client.download(event.url)).body
        plain = decrypt_attachment(encrypted, event.key["k"], event.hashes["sha256"], event.iv)
        return {"data": list(plain)}

    async def logout(self) -> None:
        checked(await self.client.logout())
        await self.stop_sync()

    async def _close(self) -> None:
        await self.stop_sync()


def message(event: RoomMessage) -> dict:
    return {
        "event_id": event.event_id,
        "sender": event.sender,
        "body": event.body,
        "encrypted": event.decrypted,
    }


async def main() -> None:
    base.log_to_stderr()
    with tempfile.TemporaryDirectory(prefix="hearth-nio-") as store:
        await Driver(store).serve()


if __name__ == "__main__":
    asyncio.run(main())
