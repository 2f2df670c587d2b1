"""matrix-commander, a command line: each command here runs the program once or more, as somebody at a terminal would.

Nothing of it stays running between commands, so every one of them is a client that comes back to what it stored. It takes the id of a
room of version 12, which names no server, for half of one, and sends to such a room by its alias. So it opens conversations, with an
alias, and is not invited to any.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import base

DEVICE_NAME = "matrix-commander"
PROGRAM = Path(sys.executable).parent / "matrix-commander"
RUN_LIMIT_S = 30
# Between two looks; starting the program takes a second by itself.
LOOK_EVERY_S = 0.2
# All the messages of a conversation in these tests.
MANY = 100


class Driver(base.Driver):
    """One account and its files. Each public method is a command."""

    def __init__(self, home: str):
        super().__init__()
        self.home = Path(home)
        self.credentials = self.home / "credentials.json"
        # Room id → alias.
        self.aliases: dict[str, str] = {}

    async def _run(self, *arguments: str) -> str:
        """What the program prints, once it has ended well."""
        command = [PROGRAM, "--credentials", self.credentials, "--store", self.home / "store", *arguments]
        process = await asyncio.create_subprocess_exec(
            *command,
            # It would take a line from a pipe for a message, and keeps a file with its process id at home.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=self.home,
            env=os.environ | {"HOME": str(self.home)},
        )
        try:
            async with asyncio.timeout(RUN_LIMIT_S):
                printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise base.Failed(f"{arguments} ended with {process.returncode}")
        return printed.decode()

    async def _objects(self, *arguments: str) -> list[dict]:
        """What it prints as JSON: objects one after another, with and without lines between them."""
        text, objects = (await self._run(*arguments)).strip(), []
        decoder = json.JSONDecoder()
        while text:
            found, end = decoder.raw_decode(text)
            objects.append(found)
            text = text[end:].lstrip()
        return objects

    async def _poll(self, what: str, timeout_s: float, look):
        """Waits for the first truthy value of the coroutine `look`."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := await look()):
                    await asyncio.sleep(LOOK_EVERY_S)
                return found
        except TimeoutError:
            raise base.Failed(f"no {what} in {timeout_s} s") from None

    async def login(self, url: str, username: str, password: str) -> dict:
        await self._run(
            # In one word, as a password may begin like an option.
            *("--login", "password", "--homeserver", url, "--user-login", username, f"--password={password}"),
            *("--device", DEVICE_NAME, "--room-default", "!none:localhost"),
        )
        stored = json.loads(self.credentials.read_text())
        return {name: stored[name] for name in ("user_id", "device_id", "access_token")}

    async def start_sync(self) -> None:
        """Nothing runs on; whatever the program is asked begins with a sync."""

    async def stop_sync(self) -> None:
        """Nothing runs that could be stopped."""

    async def devices(self) -> dict:
        [listed] = await self._objects("--devices", "--output", "json")
        return listed

    async def create_dm(self, user_id: str) -> dict:
        alias = f"dm-{secrets.token_hex(6)}"
        [room] = await self._objects("--room-dm-create", user_id, "--alias", alias, "--output", "json")
        self.aliases[room["room_id"]] = room["alias_full"]
        return {"room_id": room["room_id"]}

    async def wait_joined(self, room_id: str, user_id: str, timeout_s: float) -> None:
        async def joined():
            rooms = await self._objects("--joined-members", room_id, "--output", "json")
            return any(member["user_id"] == user_id for room in rooms for member in room["members"])

        await self._poll("joined member", timeout_s, joined)

    async def _send(self, room_id: str, *what: str) -> dict:
        room = room_id if ":" in room_id else self.aliases[room_id]
        [sent] = await self._objects("--room", room, *what, "--print-event-id", "--output", "json")
        return {"event_id": sent["event_id"]}

    async def send(self, room_id: str, body: str) -> dict:
        return await self._send(room_id, "--message", body)

    async def send_file(self, room_id: str, name: str, data: list[int]) -> dict:
        file = self.home / name
        file.write_bytes(bytes(data))
        return await self._send(room_id, "--file", str(file))

    async def _listen(self, room_id: str, *more: str) -> list[dict]:
        """The room's messages, oldest first."""
        tail = ("--listen", "tail", "--tail", str(MANY), "--listen-self", "--output", "json-max")
        events = await self._objects("--room", room_id, *tail, *more)
        return [message(event) for event in reversed(events) if event["source"]["type"] == "m.room.message"]

    async def wait_message(self, room_id: str, body: str, timeout_s: float) -> dict:
        async def arrived():
            return next((m for m in await self._listen(room_id) if m["body"] == body), None)

        return await self._poll(f"message {body}", timeout_s, arrived)

    async def history(self, room_id: str) -> dict:
        return {"messages": await self._listen(room_id)}

    async def read_file(self, room_id: str, event_id: str) -> dict:
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            await self._listen(room_id, "--download-media", folder, "--download-media-name", "eventid")
            return {"data": list((Path(folder) / event_id).read_bytes())}


def message(event: dict) -> dict:
    return {
        "event_id": event["event_id"],
        "sender": event["sender"],
        "body": event["source"]["content"]["body"],
        "encrypted": event["decrypted"],
    }


async def main() -> None:
    base.log_to_stderr()
    with tempfile.TemporaryDirectory(prefix="hearth-commander-") as home:
        await Driver(home).serve()


if __name__ == "__main__":
    asyncio.run(main())
