"""More clients nobody here wrote: each signs in to an account that is there, sends and receives, and comes back after a crash.

All of them encrypt. matrix-bot-sdk does so without its native library, which is in no registry: see `js/bot-crypto.mjs`.
"""

import secrets

import pytest

from talk import arrives, open_dm, read, say

# Who begins the conversation, and who is invited to it.
PAIRS = [
    ("matrix-bot-sdk", "matrix-js-sdk"),
    ("matrix-sdk", "matrix-bot-sdk"),
    ("mautrix", "matrix-sdk"),
    ("matrix-js-sdk", "mautrix"),
    ("matrix-commander", "matrix-sdk"),
    ("matrix-commander", "matrix-js-sdk"),
    ("matrix-nio", "mautrix"),
    ("matrix-bot-sdk", "matrix-nio"),
]

# More than a block of the cipher, and not a multiple of one.
FILE_BYTES = 10_007


def send_file(server, sender, receiver, room_id: str, name: str) -> tuple[str, list[int]]:
    """Sends a file, waits for its message, and returns which message has which bytes."""
    data = list(secrets.token_bytes(FILE_BYTES))
    event_id = sender.call("send_file", room_id=room_id, name=name, data=data)["event_id"]
    arrives(server, sender, receiver, room_id, event_id, name)
    return event_id, data


@pytest.mark.parametrize("first, second", PAIRS)
def test_messages_and_files_are_there_after_a_crash(server, sign_in, first, second):
    alice, bob = sign_in(first), sign_in(second)
    room_id = open_dm(alice, bob)
    said, files = [], []
    for sender, receiver in ((alice, bob), (bob, alice)):
        body, name = f"a message of {sender.name}", f"{sender.name}.bin"
        say(server, sender, receiver, room_id, body)
        files.append(send_file(server, sender, receiver, room_id, name))
        said += [(sender.user_id, body, True), (sender.user_id, name, True)]
    assert_all_is_there(alice, bob, room_id, said, files)

    server.crash()
    for client in (alice, bob):
        client.call("stop_sync")
        client.call("start_sync")

    assert_all_is_there(alice, bob, room_id, said, files)
    say(server, alice, bob, room_id, "after the crash")
    say(server, bob, alice, room_id, "and back")


def assert_all_is_there(alice, bob, room_id: str, said: list, files: list) -> None:
    for client in (alice, bob):
        assert read(client, room_id) == said
        for event_id, data in files:
            assert client.call("read_file", room_id=room_id, event_id=event_id)["data"] == data


def test_matrix_commander_lists_its_devices(server, sign_in):
    commander = sign_in("matrix-commander")
    # It gives the whole list up when `last_seen_ts` is missing in one of them.
    [device] = commander.call("devices")["devices"]
    assert (device["id"], device["display_name"]) == (commander.session["device_id"], "matrix-commander")
    assert device["last_seen_date"]["datetime"]
