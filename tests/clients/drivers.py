"""Starts a client driver and speaks JSON lines with it. Knows no client: they are data in DRIVERS."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).parent
# `cargo xtask test clients` names the one that it keeps; by hand, cargo puts it here.
RUST_DRIVER = os.environ.get("HEARTH_CLIENT_DRIVER", str(HERE / "rust" / "target" / "debug" / "client-driver"))

# The Node.js that package.json pins: the SDK wants a newer one than stable distributions carry.
NODE = str(HERE / "js" / "node_modules" / ".bin" / "node")

# Name of a client, and the command that runs its driver.
DRIVERS = {
    "matrix-sdk": [RUST_DRIVER],
    "matrix-js-sdk": [NODE, str(HERE / "js" / "driver.mjs")],
    "matrix-js-sdk-sliding": [NODE, str(HERE / "js" / "driver.mjs"), "--sliding-sync"],
    "matrix-bot-sdk": [NODE, str(HERE / "js" / "bot-driver.mjs")],
    "matrix-nio": [sys.executable, str(HERE / "python" / "nio_driver.py")],
    "matrix-commander": [sys.executable, str(HERE / "python" / "commander_driver.py")],
    "mautrix": [sys.executable, str(HERE / "python" / "mautrix_driver.py")],
}

WAIT_S = 30
# What a driver is given beyond the time it may wait for something itself.
GRACE_S = 30
LOG_TAIL_LINES = 40


class Driver:
    """One client process. `driver.call("send", room_id=…, body=…)` returns the answer or fails the test."""

    def __init__(self, name: str, log: Path):
        self.name = name
        self.log = log
        self.next_id = 0
        self.session: dict = {}
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                DRIVERS[name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=log.parent
            )
        self.answers: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)

    def call(self, cmd: str, **args) -> dict:
        self.next_id += 1
        self.process.stdin.write(json.dumps({"id": self.next_id, "cmd": cmd, **args}) + "\n")
        self.process.stdin.flush()
        try:
            line = self.answers.get(timeout=args.get("timeout_s", WAIT_S) + GRACE_S)
        except queue.Empty:
            self._fail(f"{cmd} got no answer")
        if line is None:
            self._fail(f"{cmd}: the driver ended")
        answer = json.loads(line)
        assert answer["id"] == self.next_id
        if "error" in answer:
            self._fail(f"{cmd}: {answer['error']}")
        return answer["ok"]

    def wait(self, cmd: str, **args) -> dict:
        return self.call(cmd, timeout_s=WAIT_S, **args)

    def _fail(self, what: str):
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
        raise AssertionError(f"{self.name}: {what}\n--- end of its log ({self.log}) ---\n{tail}")

    @property
    def user_id(self) -> str:
        return self.session["user_id"]

    def sign_up(self, url: str, username: str, password: str) -> None:
        self.session = self.call("register", url=url, username=username, password=password)

    def sign_in(self, url: str, user_id: str, password: str) -> None:
        self.session = self.call("login", url=url, username=user_id, password=password)
        assert self.user_id == user_id

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
