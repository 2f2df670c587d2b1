"""What tests do with clients: open a conversation, say something, read what was said. No client is named here."""

import json
import urllib.error
import urllib.parse
import urllib.request


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
    arrives(server, sender, receiver, room_id, sent["event_id"], body)


def arrives(server, sender, receiver, room_id: str, event_id: str, body: str) -> None:
    """It stands decrypted at the receiver, and encrypted at the server."""
    seen = receiver.wait("wait_message", room_id=room_id, body=body)
    assert (seen["event_id"], seen["sender"], seen["encrypted"]) == (event_id, sender.user_id, True)
    path = f"/_matrix/client/v3/rooms/{urllib.parse.quote(room_id)}/event/{urllib.parse.quote(event_id)}"
    status, raw = get(server.url + path, sender.session["access_token"])
    assert status == 200
    assert json.loads(raw)["type"] == "m.room.encrypted"
    assert body not in raw


def read(client, room_id: str) -> list[tuple[str, str, bool]]:
    messages = client.call("history", room_id=room_id)["messages"]
    return [(message["sender"], message["body"], message["encrypted"]) for message in messages]
