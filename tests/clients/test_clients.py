"""Clients nobody here wrote talk end-to-end encrypted through the server. The pairs are data; no client is named below them."""

import json

import pytest

from talk import get, open_dm, read, say

CLIENTS = ["matrix-sdk", "matrix-js-sdk", "matrix-js-sdk-sliding", "matrix-nio"]

# Who begins the conversation, and who is invited to it.
PAIRS = [
    ("matrix-sdk", "matrix-js-sdk"),
    ("matrix-js-sdk", "matrix-nio"),
    ("matrix-nio", "matrix-sdk"),
    ("matrix-js-sdk", "matrix-sdk"),
    ("matrix-nio", "matrix-js-sdk"),
    ("matrix-sdk", "matrix-nio"),
    ("matrix-sdk", "matrix-js-sdk-sliding"),
    ("matrix-js-sdk-sliding", "matrix-nio"),
]


@pytest.mark.parametrize("first, second", PAIRS)
def test_talk_and_read_history_after_a_restart(server, sign_up, first, second):
    alice, bob = sign_up(first), sign_up(second)
    room_id = open_dm(alice, bob)
    said = []
    for number in range(1, 4):
        for sender, receiver in ((alice, bob), (bob, alice)):
            body = f"message {number} of {sender.name}"
            say(server, sender, receiver, room_id, body)
            said.append((sender.user_id, body, True))

    server.restart()

    assert read(alice, room_id) == said
    assert read(bob, room_id) == said
    # Both sync loops have found the server again.
    say(server, alice, bob, room_id, "after the restart")
    say(server, bob, alice, room_id, "and back")


@pytest.mark.parametrize("first, second", PAIRS)
def test_go_away_and_come_back(server, sign_up, first, second):
    alice, bob = sign_up(first), sign_up(second)
    room_id = open_dm(alice, bob)
    say(server, alice, bob, room_id, "before")

    bob.call("stop_sync")
    missed = [f"missed {number}" for number in range(5)]
    for body in missed:
        alice.call("send", room_id=room_id, body=body)
    bob.call("start_sync")

    for body in missed:
        assert bob.wait("wait_message", room_id=room_id, body=body)["encrypted"]
    assert read(bob, room_id) == [(alice.user_id, body, True) for body in ["before", *missed]]
    say(server, bob, alice, room_id, "I am back")


@pytest.mark.parametrize("name", CLIENTS)
def test_log_out_and_in_again(server, sign_up, name):
    client = sign_up(name)
    first = client.session
    whoami = f"{server.url}/_matrix/client/v3/account/whoami"
    assert get(whoami, first["access_token"])[0] == 200

    client.call("logout")
    status, raw = get(whoami, first["access_token"])
    assert (status, json.loads(raw)["errcode"]) == (401, "M_UNKNOWN_TOKEN")

    localpart = client.user_id.removeprefix("@").split(":")[0]
    again = client.call("login", url=server.url, username=localpart, password=client.password)
    assert again["user_id"] == first["user_id"]
    assert again["device_id"] != first["device_id"]
    client.call("start_sync")
