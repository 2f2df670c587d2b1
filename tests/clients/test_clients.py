"""Clients nobody here wrote talk end-to-end encrypted through the server. The pairs are data; no client is named below them."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

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


def get(url: str, token: str) -> tuple[int, str]:
    """Status and body of a GET as the server sends it, read by no client."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def open_dm(alice, bob) -> str:
    room_id = alice.call("create_dm", user_id=bob.user_id)["room_id"]
    bob.wait("join", room_id=room_id)
    alice.wait("wait_joined", room_id=room_id, user_id=bob.user_id)
    bob.wait("wait_joined", room_id=room_id, user_id=alice.user_id)
    return room_id


def say(server, sender, receiver, room_id: str, body: str) -> None:
    """Sends, waits until it stands decrypted at the receiver, and looks at what the server holds of it."""
    sent = sender.call("send", room_id=room_id, body=body)
    seen = receiver.wait("wait_message", room_id=room_id, body=body)
    assert (seen["event_id"], seen["sender"], seen["encrypted"]) == (sent["event_id"], sender.user_id, True)
    path = f"/_matrix/client/v3/rooms/{urllib.parse.quote(room_id)}/event/{urllib.parse.quote(sent['event_id'])}"
    status, raw = get(server.url + path, sender.session["access_token"])
    assert status == 200
    assert json.loads(raw)["type"] == "m.room.encrypted"
    assert body not in raw


def read(client, room_id: str) -> list[tuple[str, str, bool]]:
    messages = client.call("history", room_id=room_id)["messages"]
    return [(message["sender"], message["body"], message["encrypted"]) for message in messages]


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
