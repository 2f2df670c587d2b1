//! The requests that write, each with a body that would be let in.

use reqwest::Method;
use serde_json::{Value, json};

/// What the requests of one account name.
pub(crate) struct Names {
    pub(crate) user_id: String,
    pub(crate) device_id: String,
    /// Somebody else.
    pub(crate) victim: String,
    /// A room of both.
    pub(crate) shared_room: String,
    /// A room of the account alone.
    pub(crate) own_room: String,
    /// An event in it.
    pub(crate) event: String,
    /// The version of the account's key backup.
    pub(crate) backup: String,
}

/// One request.
pub(crate) struct Write {
    pub(crate) method: Method,
    /// Behind `/_matrix/client/`.
    pub(crate) path: String,
    pub(crate) body: Value,
    /// Only an account that has not done it before may do it without more proof.
    pub(crate) is_first: bool,
}

fn write(method: Method, path: String, body: Value) -> Write {
    Write { method, path, body, is_first: false }
}

/// Every request that writes and takes a body.
pub(crate) fn all(names: &Names) -> Vec<Write> {
    [keys(names), room_events(names), rooms(names), own_data(names), backups(names)].into_iter().flatten().collect()
}

/// A point of Ed25519 that is certainly one (RFC 8032, 7.1, test 1).
pub(crate) const PUBLIC_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn keys(names: &Names) -> Vec<Write> {
    let Names { user_id, device_id, victim, .. } = names;
    let master = json!({
        "user_id": user_id,
        "usage": ["master"],
        "keys": { format!("ed25519:{PUBLIC_KEY}"): PUBLIC_KEY },
    });
    let signed =
        json!({ "key": PUBLIC_KEY, "signatures": { user_id.as_str(): { format!("ed25519:{device_id}"): "c2ln" } } });
    let device = json!({
        "user_id": user_id,
        "device_id": device_id,
        "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
        "keys": { format!("ed25519:{device_id}"): PUBLIC_KEY, format!("curve25519:{device_id}"): PUBLIC_KEY },
        "signatures": { user_id.as_str(): { format!("ed25519:{device_id}"): "c2ln" } },
    });
    let upload = json!({
        "one_time_keys": { "signed_curve25519:A": signed },
        "fallback_keys": { "signed_curve25519:F": { "key": PUBLIC_KEY, "fallback": true } },
    });
    let dehydrated = json!({
        "device_id": "DEHYDRATED",
        "initial_device_display_name": "d",
        "device_data": { "algorithm": "org.matrix.msc3814.v2", "device_pickle": "p", "nonce": "n" },
        "device_keys": device,
    });
    let one_time_claim = json!({ "one_time_keys": { victim.as_str(): { "A": "signed_curve25519" } } });
    vec![
        Write {
            is_first: true,
            ..write(Method::POST, "v3/keys/device_signing/upload".to_owned(), json!({ "master_key": master }))
        },
        write(Method::POST, "v3/keys/upload".to_owned(), json!({ "device_keys": device })),
        write(Method::POST, "v3/keys/upload".to_owned(), upload),
        write(Method::POST, "v3/keys/signatures/upload".to_owned(), json!({ user_id.as_str(): { PUBLIC_KEY: master } })),
        write(Method::POST, "v3/keys/claim".to_owned(), one_time_claim),
        write(Method::PUT, "unstable/org.matrix.msc3814.v1/dehydrated_device".to_owned(), dehydrated),
        write(
            Method::PUT,
            "v3/sendToDevice/m.room.encrypted/0".to_owned(),
            json!({ "messages": { victim.as_str(): { "*": { "ciphertext": "c" } } } }),
        ),
    ]
}

fn room_events(names: &Names) -> Vec<Write> {
    let Names { user_id, victim, shared_room, own_room, event, .. } = names;
    let relates = json!({ "rel_type": "m.thread", "event_id": event, "is_falling_back": true, "key": "k" });
    let mut message = json!({ "msgtype": "m.text", "body": "b", "m.relates_to": relates });
    message["m.mentions"] = json!({ "user_ids": [victim] });
    message["m.new_content"] = json!({ "body": "n" });
    let state = |event_type: &str, key: &str, content: Value| {
        write(Method::PUT, format!("v3/rooms/{own_room}/state/{event_type}/{key}"), content)
    };
    let member =
        json!({ "membership": "join", "displayname": "m", "avatar_url": "mxc://h/a", "reason": "r", "is_direct": true });
    let levels = json!({
        "users": { user_id.as_str(): 100 }, "events": { "m.room.name": 50 }, "users_default": 0, "state_default": 50,
        "ban": 50, "kick": 50, "redact": 50, "invite": 0, "events_default": 0, "notifications": { "room": 50 },
    });
    let acl = json!({ "allow": ["*"], "deny": ["evil"], "allow_ip_literals": false });
    vec![
        write(Method::PUT, format!("v3/rooms/{shared_room}/send/m.room.message/0"), message.clone()),
        write(Method::PUT, format!("v3/rooms/{own_room}/send/m.room.encrypted/1"), message),
        write(Method::PUT, format!("v3/rooms/{own_room}/send/m.reaction/0"), json!({ "m.relates_to": relates })),
        write(
            Method::PUT,
            format!("v3/rooms/{own_room}/send/m.room.redaction/0"),
            json!({ "redacts": event, "reason": "r" }),
        ),
        write(Method::PUT, format!("v3/rooms/{own_room}/redact/{event}/0"), json!({ "reason": "r" })),
        state("m.room.member", user_id, member),
        state("m.room.power_levels", "", levels),
        state("m.room.name", "", json!({ "name": "n" })),
        state("m.room.topic", "", json!({ "topic": "t", "m.topic": { "m.text": [{ "body": "t" }] } })),
        state("m.room.avatar", "", json!({ "url": "mxc://h/a", "info": { "w": 1, "h": 1 } })),
        state(
            "m.room.join_rules",
            "",
            json!({ "join_rule": "invite", "allow": [{ "type": "m.room_membership", "room_id": own_room }] }),
        ),
        state("m.room.history_visibility", "", json!({ "history_visibility": "shared" })),
        state("m.room.guest_access", "", json!({ "guest_access": "forbidden" })),
        state("m.room.canonical_alias", "", json!({ "alias": null, "alt_aliases": [] })),
        state("m.room.encryption", "", json!({ "algorithm": "m.megolm.v1.aes-sha2", "rotation_period_ms": 1000 })),
        state("m.room.pinned_events", "", json!({ "pinned": [event] })),
        state("m.room.server_acl", "", acl),
        state("m.room.tombstone", "", json!({ "body": "b", "replacement_room": own_room })),
        state("m.space.child", own_room, json!({ "via": ["h"], "order": "o" })),
        state("org.example.any", "key", json!({ "any": 1 })),
        write(
            Method::PUT,
            format!("unstable/org.hearth.expiry/rooms/{own_room}/event/{event}"),
            json!({ "expires_after_ms": 3_600_000 }),
        ),
    ]
}

fn rooms(names: &Names) -> Vec<Write> {
    let Names { victim, own_room, shared_room, .. } = names;
    let created = json!({
        "name": "n", "topic": "t", "preset": "private_chat", "visibility": "private", "room_version": "11", "is_direct": true,
        "invite": [victim], "creation_content": { "type": "m.space" },
        "initial_state": [{ "type": "org.example.any", "state_key": "", "content": { "a": 1 } }],
        "power_level_content_override": { "events_default": 0 },
    });
    let membership = |action: &str, body: Value| write(Method::POST, format!("v3/rooms/{own_room}/{action}"), body);
    let public = json!({ "filter": { "generic_search_term": "s", "room_types": [null] }, "limit": 1, "since": "s" });
    vec![
        write(Method::POST, "v3/createRoom".to_owned(), created),
        membership("invite", json!({ "user_id": victim, "reason": "r" })),
        membership("kick", json!({ "user_id": victim, "reason": "r" })),
        membership("ban", json!({ "user_id": victim, "reason": "r" })),
        membership("unban", json!({ "user_id": victim, "reason": "r" })),
        membership("join", json!({ "reason": "r" })),
        write(Method::POST, format!("v3/join/{shared_room}"), json!({ "reason": "r" })),
        membership("upgrade", json!({ "new_version": "11" })),
        write(Method::PUT, format!("v3/directory/list/room/{own_room}"), json!({ "visibility": "private" })),
        write(Method::PUT, "v3/directory/room/%23nobody:localhost".to_owned(), json!({ "room_id": own_room })),
        write(Method::POST, "v3/publicRooms".to_owned(), public),
    ]
}

fn own_data(names: &Names) -> Vec<Write> {
    let Names { user_id, device_id, own_room, shared_room, event, victim, .. } = names;
    let filter = json!({
        "room": { "timeline": { "limit": 1, "types": ["m.*"], "not_senders": [victim], "lazy_load_members": true },
                  "state": { "rooms": [own_room] }, "include_leave": true },
        "presence": { "types": ["m.presence"] }, "event_fields": ["type"], "event_format": "client",
    });
    let pusher = json!({
        "app_id": "a", "pushkey": "k", "kind": "http", "app_display_name": "a", "device_display_name": "d", "lang": "en",
        "profile_tag": "t", "data": { "url": "https://push.example.org/_matrix/push/v1/notify", "format": "event_id_only" },
    });
    let rule = json!({
        "actions": ["notify", { "set_tweak": "sound", "value": "default" }],
        "conditions": [{ "kind": "event_match", "key": "type", "pattern": "m.*" }],
    });
    let user = |path: &str, body: Value| write(Method::PUT, format!("v3/user/{user_id}/{path}"), body);
    vec![
        write(Method::PUT, format!("v3/profile/{user_id}/displayname"), json!({ "displayname": "m" })),
        write(Method::PUT, format!("v3/profile/{user_id}/avatar_url"), json!({ "avatar_url": "mxc://h/a" })),
        write(Method::PUT, format!("v3/profile/{user_id}/org.example.field"), json!({ "org.example.field": 1 })),
        write(Method::PUT, format!("v3/presence/{user_id}/status"), json!({ "presence": "online", "status_msg": "s" })),
        write(Method::PUT, format!("v3/devices/{device_id}"), json!({ "display_name": "d" })),
        user("account_data/org.example.any", json!({ "a": 1 })),
        user("account_data/m.direct", json!({ victim.as_str(): [own_room] })),
        user("account_data/m.ignored_user_list", json!({ "ignored_users": { "@nobody:localhost": {} } })),
        user(&format!("rooms/{own_room}/account_data/org.example.any"), json!({ "a": 1 })),
        user(&format!("rooms/{own_room}/tags/u.tag"), json!({ "order": 0.5 })),
        write(Method::POST, format!("v3/user/{user_id}/filter"), filter),
        write(Method::POST, "v3/pushers/set".to_owned(), pusher),
        write(Method::PUT, "v3/pushrules/global/override/mine".to_owned(), rule),
        write(Method::PUT, "v3/pushrules/global/override/.m.rule.master/enabled".to_owned(), json!({ "enabled": false })),
        write(
            Method::PUT,
            "v3/pushrules/global/content/.m.rule.contains_user_name/actions".to_owned(),
            json!({ "actions": ["notify"] }),
        ),
        write(Method::PUT, format!("v3/rooms/{shared_room}/typing/{user_id}"), json!({ "typing": true, "timeout": 1000 })),
        write(Method::POST, format!("v3/rooms/{own_room}/receipt/m.read/{event}"), json!({ "thread_id": "main" })),
        write(
            Method::POST,
            format!("v3/rooms/{own_room}/read_markers"),
            json!({ "m.fully_read": event, "m.read": event, "m.read.private": event }),
        ),
    ]
}

fn backups(names: &Names) -> Vec<Write> {
    let Names { own_room, backup, .. } = names;
    let session = json!({
        "first_message_index": 0, "forwarded_count": 0, "is_verified": true,
        "session_data": { "ciphertext": "c", "mac": "m", "ephemeral": "e" },
    });
    let sessions = json!({ "sessions": { "s": session } });
    let version = json!({ "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": { "public_key": PUBLIC_KEY, "signatures": {} } });
    let keys = |path: String, body: Value| write(Method::PUT, format!("v3/room_keys/keys{path}?version={backup}"), body);
    let mut changed = version.clone();
    changed["version"] = json!(backup);
    vec![
        keys(String::new(), json!({ "rooms": { own_room.as_str(): sessions } })),
        keys(format!("/{own_room}"), sessions),
        keys(format!("/{own_room}/s"), session),
        write(Method::PUT, format!("v3/room_keys/version/{backup}"), changed),
        write(Method::POST, "v3/room_keys/version".to_owned(), version),
    ]
}
