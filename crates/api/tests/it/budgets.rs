//! The ledger of budgets: what is let in fits, and nothing that can be kept is left out.

use std::{fs, path::Path};

use api::{
    Class, MEMORY_BYTES_MIN, MemoryPlan,
    budget::{PROGRAM_BYTES_MIN, Per, bodies, budgets},
    route_table,
};
use serde_json::{Map, json};

use crate::http::{Server, escaped};

/// The table itself.
const LEDGER: &str = include_str!("../../src/budget.rs");

/// Bounds that are no budget of something kept: of one request or one command, of a name, of time, or of what is within a budget
/// that is counted in bytes.
const OTHER_BOUNDS: &[&str] = &[
    "ACCOUNT_DATA_MAX",
    "ACKNOWLEDGED_MAX",
    // Admins and invites of the whole server are 300 small rows.
    "ADMINS_MAX",
    "CLAIMED_DEVICES_MAX",
    "DISPLAY_NAME_BYTES_MAX",
    "ENDED_AT_ONCE_MAX",
    "ERASED_AT_ONCE_MAX",
    "ERASED_IN_ROOM_MAX",
    "EXPIRES_AFTER_MS_MAX",
    "EXPIRIES_OF_ONE_MAX",
    "FALLBACK_KEYS_MAX",
    "FIELD_NAME_BYTES_MAX",
    "FILTERS_MAX",
    "IGNORED_MAX",
    "INITIAL_STATE_MAX",
    "INVITES_KEPT_MAX",
    "INVITES_MAX",
    "INVITE_NOTE_BYTES_MAX",
    "INVITE_TIME_MS_MAX",
    "INVITE_USES_MAX",
    "KEYS_PER_UPLOAD_MAX",
    "KEY_ID_BYTES_MAX",
    "LANES_MAX",
    "LONG_READS_WAITING_MAX",
    "NAMED_MEDIA_MAX",
    "OLD_AT_ONCE_MAX",
    "ONE_TIME_KEYS_MAX",
    "PAYLOADS_AT_ONCE_MAX",
    // Announced uploads are 50 short ids.
    "PENDING_MAX",
    "PENDING_MS_MAX",
    "PERSON_LONG_READS_MAX",
    "REASON_BYTES_MAX",
    "RECEIPTS_PER_REQUEST_MAX",
    // Reports are records and nothing else.
    "REPORT_BYTES_MAX",
    "RECIPIENTS_MAX",
    "SESSIONS_MAX",
    "SIGNED_OBJECTS_MAX",
    "STATE_MAX",
    "STORED_BYTES_MAX",
    "TAGS_PER_ROOM_MAX",
    "TAG_BYTES_MAX",
    "TRANSACTION_ID_BYTES_MAX",
    "TYPE_BYTES_MAX",
    "TYPING_MAX",
    "TYPING_ROOMS_OF_ONE_MAX",
    "UNREAD_MS_MAX",
    // Tokens of a session that were given out and not used: three.
    "UNUSED_MAX",
    "UPLOAD_BYTES_MAX",
];

#[test]
fn as_many_of_the_largest_as_are_let_in_stay_within_their_budget() {
    // Odd figures too: whatever the machine has.
    let figures = [MEMORY_BYTES_MIN, 256 << 20, 777_777_777, 1 << 30, 4 << 30, 123_456_789_012];
    for bytes in figures {
        let budgets = budgets(&MemoryPlan::of(bytes).unwrap());
        for budget in &budgets {
            assert!(budget.holds(), "{budget:?} at {bytes}");
            assert!(budget.each_bytes > 0 && budget.number != Some(0), "{budget:?} at {bytes}");
        }
        let in_memory = budgets.iter().filter(|budget| budget.per == Per::Server).map(|budget| budget.total_bytes);
        let taken = in_memory.sum::<usize>() + PROGRAM_BYTES_MIN;
        assert!(taken <= usize::try_from(bytes).unwrap(), "{taken} of {bytes}");
    }
}

#[test]
fn the_bodies_of_every_route_have_a_budget_or_are_streamed() {
    let memory = MemoryPlan::ample();
    for route in route_table() {
        let budget = bodies(route.class, &memory);
        assert_eq!(budget.is_none(), route.class == Class::Upload, "{} {}", route.method, route.path);
        assert!(budget.is_none_or(|budget| budgets(&memory).iter().any(|known| known.what == budget.what && known.holds())));
    }
}

/// What a file answers with that reads rows itself, neither in pages nor in a long read, whose bytes are counted: a kind of thing in
/// the ledger, or a row or two.
const FEW_ROWS: &[(&str, &str)] = &[
    ("account/get_3pids.rs", "email addresses"),
    ("account/get_username_availability.rs", ""),
    ("account/register.rs", ""),
    ("account/reset_link.rs", ""),
    ("account/send_confirmation.rs", ""),
    ("account/sign_up_token.rs", ""),
    ("admin/acting.rs", ""),
    ("admin/get_server.rs", ""),
    ("admin/get_user_info.rs", "sessions"),
    ("admin/is_user_locked.rs", ""),
    // 200 invites and 100 entries: all of a few hundred bytes each.
    ("admin/list_invites.rs", ""),
    ("admin/list_ledger.rs", ""),
    ("alias/get_alias.rs", ""),
    ("backup/get_backup_info.rs", ""),
    ("backup/get_latest_backup_info.rs", ""),
    ("config/content.rs", ""),
    ("dehydrated_device/get_dehydrated_device.rs", "dehydrated device"),
    ("device/get_device.rs", ""),
    ("device/get_devices.rs", "sessions"),
    ("device/update_device.rs", ""),
    ("directory/get_room_visibility.rs", ""),
    ("discovery/get_capabilities.rs", ""),
    ("extract.rs", ""),
    ("filter/get_filter.rs", ""),
    ("keys/upload_signing_keys.rs", ""),
    ("knock/knock_room.rs", ""),
    ("mailing/composer.rs", ""),
    ("mailing/links.rs", "email addresses"),
    ("media/stored.rs", ""),
    ("membership/join_room_by_id_or_alias.rs", ""),
    ("message/send_message_event.rs", ""),
    ("presence/get_presence.rs", ""),
    ("profile/get_profile.rs", "profile"),
    ("profile/get_profile_field.rs", "profile"),
    ("push/get_pushers.rs", "pushers"),
    ("push/get_pushrules_all.rs", "account data, tags and push rules"),
    ("push/get_pushrules_global_scope.rs", "account data, tags and push rules"),
    ("push/rule.rs", "account data, tags and push rules"),
    ("redact/redact_event.rs", ""),
    ("room/aliases.rs", "addresses"),
    ("room/get_event_by_timestamp.rs", ""),
    ("room/get_room_event.rs", ""),
    ("room/get_summary.rs", ""),
    ("session/login.rs", ""),
    ("session/refresh_token.rs", ""),
    ("state/get_state_event_for_key.rs", ""),
    ("sync/acknowledge.rs", ""),
    ("sync/sync_events.rs", ""),
    ("tag/get_tags.rs", "account data, tags and push rules"),
    ("to_device/send_event_to_device.rs", "sessions"),
    ("typing/create_typing_event.rs", ""),
    ("uiaa.rs", ""),
];
/// Files that make bodies of unknown length: those of requests as they come, of a test, media, and answers in pages.
const STREAMED: &[&str] = &["bodies.rs", "bodies/answer.rs", "media/serve.rs", "paged.rs"];

#[test]
fn every_answer_has_a_bound() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut few_rows, mut streamed) = (Vec::new(), Vec::new());
    for_each_file(&source, &mut |path, text| {
        let name = path.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        if text.contains(".rows()") {
            few_rows.push(name.clone());
        }
        if text.contains("from_stream(") {
            streamed.push(name);
        }
    });
    few_rows.sort_unstable();
    streamed.sort_unstable();
    let listed: Vec<_> = FEW_ROWS.iter().map(|(file, _)| *file).collect();
    assert_eq!(few_rows, listed, "what reads many rows is a long read, or answers in pages");
    assert_eq!(streamed, STREAMED, "what is longer than a page is sent in pages");
    let known = budgets(&MemoryPlan::ample());
    for (file, what) in FEW_ROWS.iter().filter(|(_, what)| !what.is_empty()) {
        assert!(known.iter().any(|budget| budget.what == *what), "{file}: there is no budget for {what}");
    }
}

#[test]
fn every_bound_of_what_is_kept_is_in_the_ledger() {
    let mut names = Vec::new();
    for folder in ["../domain/src", "../engine/src"] {
        names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut names);
    }
    assert!(names.len() > 50, "{names:?}");
    let has_word =
        |text: &str, name: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name);
    for name in &names {
        let is_in_ledger = has_word(LEDGER, name);
        assert!(is_in_ledger || OTHER_BOUNDS.contains(&name.as_str()), "{name} bounds something that has no budget");
        assert!(!(is_in_ledger && OTHER_BOUNDS.contains(&name.as_str())), "{name} has a budget");
    }
    for name in OTHER_BOUNDS {
        assert!(names.iter().any(|known| known == name), "there is no {name} any more");
    }
}

/// Finds the public constants that are bounds.
fn names_in(folder: &Path, names: &mut Vec<String>) {
    for_each_file(folder, &mut |_, text| {
        let consts = text.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
        names.extend(consts.filter(|name| name.ends_with("_MAX")).map(ToOwned::to_owned));
    });
}

/// Shows every file below a folder and what is in it.
fn for_each_file(folder: &Path, show: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_file(&path, show);
        } else {
            show(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn what_is_over_its_budget_is_refused_in_words() {
    let server = Server::with(&["alice"]).await;
    let sliding = "unstable/org.matrix.simplified_msc3575/sync";
    let required = |pairs: usize| (0..pairs).map(|n| json!([format!("t.{n}"), ""])).collect::<Vec<_>>();
    let list = |pairs| json!({"ranges": [[0, 9]], "timeline_limit": 1, "required_state": required(pairs)});
    let lists = |count: usize, pairs| (0..count).map(|n| (n.to_string(), list(pairs))).collect::<Map<_, _>>();
    let room = json!({"!r:h": {"timeline_limit": 1, "required_state": required(101)}});
    let presence = "v3/presence/@alice:h/status";
    let data = "v3/user/@alice:h/account_data/t";
    for (method, path, body, status, errcode) in [
        ("POST", sliding, json!({"lists": lists(1, 100)}), 200, ""),
        ("POST", sliding, json!({"lists": lists(1, 101)}), 400, "M_INVALID_PARAM"),
        ("POST", sliding, json!({"lists": lists(5, 100)}), 200, ""),
        ("POST", sliding, json!({"lists": lists(6, 90)}), 400, "M_INVALID_PARAM"),
        ("POST", sliding, json!({"room_subscriptions": room}), 400, "M_INVALID_PARAM"),
        ("POST", sliding, json!({"lists": {"l".repeat(256): list(1)}}), 400, "M_INVALID_PARAM"),
        ("PUT", presence, json!({"presence": "unavailable", "status_msg": "away"}), 200, ""),
        ("PUT", presence, json!({"presence": "z".repeat(2_000)}), 400, "M_INVALID_PARAM"),
        ("PUT", data, json!({"x": "y".repeat(262_144)}), 413, "M_TOO_LARGE"),
    ] {
        let answer = server.call("alice", method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(status == 200 || answer.errcode() == errcode, "{}", answer.body);
    }
}

#[tokio::test]
async fn account_data_has_an_end_and_can_be_made_smaller_there() {
    let server = Server::with(&["alice"]).await;
    let set = async |n: usize, bytes: usize| {
        let path = format!("v3/user/@alice:h/account_data/t.{n}");
        server.call("alice", "PUT", &path, json!({"x": "y".repeat(bytes)})).await
    };
    let mut accepted = 0;
    while set(accepted, 261_000).await.status == 200 {
        accepted += 1;
    }
    assert_eq!(accepted, (10 << 20) / 261_000);
    let refused = set(accepted, 261_000).await;
    assert_eq!((refused.status, refused.errcode()), (413, "M_TOO_LARGE"));
    assert!(refused.body["error"].as_str().unwrap().contains("10 MiB"), "{}", refused.body);
    assert_eq!(set(0, 100).await.status, 200);
    assert_eq!(set(accepted, 261_000).await.status, 200);
}

#[tokio::test]
async fn a_large_backup_comes_whole_though_it_is_read_in_pages() {
    let server = Server::with(&["alice"]).await;
    let version = json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": "AAAA", "signatures": {}}});
    server.post("alice", "v3/room_keys/version", version).await;
    let none = json!({"rooms": {}});
    assert_eq!(server.get("alice", "v3/room_keys/keys?version=1").await, none);
    let session = |n: u32| {
        let data = json!({"ciphertext": "AAAA", "ephemeral": "AAAA", "mac": "AAAA"});
        json!({"first_message_index": n, "forwarded_count": 0, "is_verified": true, "session_data": data})
    };
    // One room ends with a page, one begins in the middle, and names have quotes.
    let sizes = [("!a:h", 256), ("!b\"c:h", 300), ("!d:h", 1), ("!e:h", 211)];
    let sessions = |count: u32| (0..count).map(|n| (format!("s\"{n}"), session(n))).collect::<Map<_, _>>();
    let rooms: Map<_, _> =
        sizes.iter().map(|(room, count)| ((*room).to_owned(), json!({"sessions": sessions(*count)}))).collect();
    let all = json!({"rooms": rooms});
    server.put("alice", "v3/room_keys/keys?version=1", all.clone()).await;
    assert_eq!(server.get("alice", "v3/room_keys/keys?version=1").await, all);
    for (room, of_room) in &rooms {
        let path = format!("v3/room_keys/keys/{}?version=1", escaped(room));
        assert_eq!(server.get("alice", &path).await, *of_room, "{room}");
    }
    assert_eq!(server.get("alice", "v3/room_keys/keys/!nowhere:h?version=1").await, json!({"sessions": {}}));
    let missing = server.call("alice", "GET", "v3/room_keys/keys?version=7", json!({})).await;
    assert_eq!((missing.status, missing.errcode()), (404, "M_NOT_FOUND"));
}
