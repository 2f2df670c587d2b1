"""What the drivers in Python share: they take JSON lines from stdin and answer on stdout, and wait for what a sync brings.

The commands and their answers are described in ../README.md; the libraries' logs go to stderr.
"""

import asyncio
import inspect
import json
import logging
import sys


class Failed(Exception):
    """The server or the library refused a command."""


class Driver:
    """One client. Each public method is a command."""

    def __init__(self):
        self.syncing: asyncio.Task | None = None
        self.changed = asyncio.Condition()

    async def _tell_change(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _until(self, what: str, timeout_s: float, look):
        """Waits for the first truthy value of `look`, plain or awaited, asked again after each change."""
        try:
            async with asyncio.timeout(timeout_s), self.changed:
                while not (found := await value(look())):
                    if self.syncing and self.syncing.done():
                        self.syncing.result()
                        raise Failed("the sync has stopped")
                    await self.changed.wait()
                return found
        except TimeoutError:
            raise Failed(f"no {what} in {timeout_s} s") from None

    async def _close(self) -> None:
        """Leaves nothing running or open."""

    async def _answer(self, request: dict) -> dict:
        answer = {"id": request.pop("id")}
        try:
            answer["ok"] = await getattr(self, request.pop("cmd"))(**request) or {}
        except Exception as error:  # whatever goes wrong is the test's to judge
            logging.exception("command failed")
            answer["error"] = f"{type(error).__name__}: {error}"
        return answer

    async def serve(self) -> None:
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await self._answer(json.loads(line))), flush=True)
        await self._close()


async def value(found):
    return await found if inspect.isawaitable(found) else found


def log_to_stderr() -> None:
    """Standard output carries only answers."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
