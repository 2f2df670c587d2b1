"""mautrix with encryption by libolm and its stores in SQLite, driven by JSON lines on stdin and stdout."""

import asyncio
import tempfile

from mautrix.client import Client, InternalEventType
from mautrix.client.state_store.asyncpg import PgStateStore
from mautrix.crypto import OlmMachine, PgCryptoStateStore, PgCryptoStore
from mautrix.crypto.attachments import decrypt_attachment, encrypt_attachment
from mautrix.types import (
    EncryptedEvent,
    EventType,
    FileInfo,
    MediaMessageEventContent,
    Membership,
    MessageEvent,
    MessageType,
    PaginationDirection,
    RoomCreatePreset,
    StateEvent,
)
from mautrix.util.async_db import Database

import base

DEVICE_NAME = "mautrix"
# The key of a message travels beside it and may be stored a moment later.
KEY_WAIT_S = 10


class Driver(base.Driver):
    """One client. Each public method is a command."""

    def __init__(self, store: str):
        super().__init__()
        self.store = store
        self.client: Client | None = None
        self.database: Database | None = None
        self.session: dict = {}
        self.url = ""
        self.invited: set[str] = set()
        self.encrypted: set[str] = set()
        # Who has joined which room, as (room id, user id).
        self.joined: set[tuple[str, str]] = set()
        self.seen: list[dict] = []

    async def login(self, url: str, username: str, password: str) -> dict:
        client = Client(base_url=url)
        answer = await client.login(username, password=password, device_name=DEVICE_NAME)
        await client.api.session.close()
        self.url = url
        self.session = {
            "user_id": answer.user_id,
            "device_id": answer.device_id,
            "access_token": answer.access_token,
        }
        await self._open()
        return self.session

    async def _open(self) -> None:
        """Makes the client from what is stored, as an app does that is started."""
        # One database for both stores: the library nests transactions of one in those of the other.
        self.database = Database.create(f"sqlite:{self.store}/mautrix.db", upgrade_table=PgStateStore.upgrade_table)
        await self.database.start()
        await PgCryptoStore.upgrade_table.upgrade(self.database)
        state_store = PgCryptoStateStore(self.database)
        crypto_store = PgCryptoStore("", "", self.database)
        session = self.session
        self.client = Client(
            mxid=session["user_id"],
            device_id=session["device_id"],
            base_url=self.url,
            token=session["access_token"],
            state_store=state_store,
            sync_store=crypto_store,
        )
        self.client.crypto = OlmMachine(self.client, crypto_store, state_store)
        await self.client.crypto.load()
        if not self.client.crypto.account.shared:
            await crypto_store.put_device_id(session["device_id"])
            await self.client.crypto.share_keys()
        self.client.add_event_handler(EventType.ROOM_MEMBER, self._on_member)
        self.client.add_event_handler(EventType.ROOM_ENCRYPTION, self._on_encryption)
        self.client.add_event_handler(EventType.ROOM_ENCRYPTED, self._on_encrypted)
        self.client.add_event_handler(InternalEventType.SYNC_SUCCESSFUL, self._on_sync)

    async def _on_sync(self, _data) -> None:
        await self._tell_change()

    async def _on_member(self, event: StateEvent) -> None:
        if event.content.membership == Membership.JOIN:
            self.joined.add((event.room_id, event.state_key))
        elif event.content.membership == Membership.INVITE and event.state_key == self.client.mxid:
            self.invited.add(event.room_id)
        await self._tell_change()

    async def _on_encryption(self, event: StateEvent) -> None:
        self.encrypted.add(event.room_id)
        await self._tell_change()

    async def _on_encrypted(self, event: EncryptedEvent) -> None:
        crypto, session = self.client.crypto, (event.room_id, event.content.session_id)
        async with asyncio.timeout(KEY_WAIT_S):
            while not await crypto.crypto_store.has_group_session(*session):
                await crypto.wait_for_session(*session, timeout=0.2)
        decrypted = await crypto.decrypt_megolm_event(event)
        self.seen.append(message(decrypted) | {"room_id": event.room_id})
        await self._tell_change()

    async def start_sync(self) -> None:
        if not self.client:
            await self._open()
        self.syncing = self.client.start(None)
        # One that comes back has a token already, and its first poll is answered only when there is news.
        await self._until("first sync", 30, self.client.sync_store.get_next_batch)

    async def stop_sync(self) -> None:
        if self.syncing:
            self.client.stop()
            await asyncio.wait([self.syncing])
            self.syncing = None
        if self.client:
            await self.client.api.session.close()
            await self.database.stop()
            self.client = None

    async def create_dm(self, user_id: str) -> dict:
        encryption = {
            "type": "m.room.encryption",
            "state_key": "",
            "content": {"algorithm": "m.megolm.v1.aes-sha2"},
        }
        room_id = await self.client.create_room(
            preset=RoomCreatePreset.TRUSTED_PRIVATE,
            is_direct=True,
            invitees=[user_id],
            initial_state=[encryption],
        )
        return {"room_id": room_id}

    async def join(self, room_id: str, timeout_s: float) -> None:
        await self._until("invite", timeout_s, lambda: room_id in self.invited)
        await self.client.join_room_by_id(room_id)

    async def wait_joined(self, room_id: str, user_id: str, timeout_s: float) -> None:
        def joined():
            return room_id in self.encrypted and (room_id, user_id) in self.joined

        await self._until("joined member", timeout_s, joined)

    async def send(self, room_id: str, body: str) -> dict:
        return {"event_id": await self.client.send_text(room_id, body)}

    async def send_file(self, room_id: str, name: str, data: list[int]) -> dict:
        plain = bytes(data)
        encrypted, file = encrypt_attachment(plain)
        file.url = await self.client.upload_media(encrypted, mime_type="application/octet-stream")
        content = MediaMessageEventContent(
            msgtype=MessageType.FILE, body=name, file=file, info=FileInfo(size=len(plain))
        )
        return {"event_id": await self.client.send_message(room_id, content)}

    async def wait_message(self, room_id: str, body: str, timeout_s: float) -> dict:
        def arrived():
            return next((m for m in self.seen if m["room_id"] == room_id and m["body"] == body), None)

        return await self._until(f"message {body}", timeout_s, arrived)

    async def history(self, room_id: str) -> dict:
        page = await self.client.get_messages(room_id, PaginationDirection.BACKWARD, limit=100)
        encrypted = [event for event in page.events if isinstance(event, EncryptedEvent)]
        messages = [message(await self.client.crypto.decrypt_megolm_event(event)) for event in encrypted]
        return {"messages": messages[::-1]}

    async def read_file(self, room_id: str, event_id: str) -> dict:
        event = await self.client.get_event(room_id, event_id)
        file = (await self.client.crypto.decrypt_megolm_event(event)).content.file
        encrypted = await self.client.download_media(file.url)
        plain = decrypt_attachment(encrypted, file.key.key, file.hashes["sha256"], file.iv)
        return {"data": list(plain)}

    async def _close(self) -> None:
        await self.stop_sync()


def message(event: MessageEvent) -> dict:
    return {"event_id": event.event_id, "sender": event.sender, "body": event.content.body, "encrypted": True}


async def main() -> None:
    base.log_to_stderr()
    with tempfile.TemporaryDirectory(prefix="hearth-mautrix-") as store:
        await Driver(store).serve()


if __name__ == "__main__":
    asyncio.run(main())
