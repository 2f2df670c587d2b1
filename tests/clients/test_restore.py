"""A server goes back to a backup that was made under load, and clients that know more than it does go on with it."""

import threading
from pathlib import Path

import pytest

from bucket import Bucket
from talk import open_dm, say

# What each says after the backup, which the server forgets, and what each says after the restore.
MESSAGES = 50

PAIRS = [("matrix-sdk", "matrix-sdk"), ("matrix-sdk", "matrix-js-sdk")]


@pytest.fixture(params=["folder", "bucket"])
def backups(request, tmp_path: Path):
    """Where backups are made."""
    if request.param == "folder":
        yield str(tmp_path / "backups")
    else:
        with Bucket() as bucket:
            yield bucket.address


class Load:
    """Somebody who says things for as long as it goes on."""

    def __init__(self, client, room_id: str):
        self.client = client
        self.room_id = room_id
        self.said = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.stop.is_set():
            self.client.call("send", room_id=self.room_id, body=f"load {self.said}")
            self.said += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def talk(server, alice, bob, room_id: str, what: str) -> None:
    """So many messages each way, each of which stands decrypted at the other."""
    for number in range(MESSAGES):
        for sender, receiver in ((alice, bob), (bob, alice)):
            say(server, sender, receiver, room_id, f"{what} {number} of {sender.user_id}")


@pytest.mark.parametrize("first, second", PAIRS)
def test_clients_go_on_after_a_restore(server, sign_up, start, backups, first, second):
    alice, bob = sign_up(first), sign_up(second)
    room_id = open_dm(alice, bob)
    say(server, alice, bob, room_id, "before the backup")

    with Load(alice, room_id) as load:
        server.back_up(backups)
        server.back_up(backups)
    assert load.said > 0

    # What the backup does not know: messages, and one-time keys that a new device of Bob's has claimed and given out.
    talk(server, alice, bob, room_id, "lost")
    phone = start(second)
    phone.sign_in(server.url, bob.user_id, bob.password)
    phone.call("start_sync")
    say(server, alice, bob, room_id, "to the phone too")

    server.restore(backups)

    talk(server, alice, bob, room_id, "after")
    # The phone signed in after the backup: the server does not know it any more. It signs in again, and is written to as any other.
    again = start(second)
    again.sign_in(server.url, bob.user_id, bob.password)
    again.call("start_sync")
    body = "to the phone that signed in again"
    alice.call("send", room_id=room_id, body=body)
    assert again.wait("wait_message", room_id=room_id, body=body)["encrypted"]
