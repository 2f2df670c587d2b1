//! Profiles, account data, filters, push rules, receipts, media, the directory.

use reqwest::Method;
use serde_json::json;

use crate::bad_input::case::{
    Body::{Json, None as Nothing, Text},
    Case,
    Who::{Alice, Nobody},
    case,
};
use crate::bad_input::stage::Stage;

pub(super) fn cases(stage: &Stage) -> Vec<Case> {
    [profiles(stage), account_data(stage), push(), reading(stage), media(stage)].into_iter().flatten().collect()
}

fn profiles(stage: &Stage) -> Vec<Case> {
    let field = |user: &str, field: &str| format!("/_matrix/client/v3/profile/{user}/{field}");
    let own = |name: &str| field(&stage.alice.user_id, name);
    let put = |name, path, body, expected| case(name, Alice, Method::PUT, path, Json(body), expected);
    vec![
        put(
            "somebody else's name",
            field(&stage.bob.user_id, "displayname"),
            json!({"displayname": "x"}),
            "403 M_FORBIDDEN",
        ),
        put("a number for a name", own("displayname"), json!({"displayname": 1}), "400 M_INVALID_PARAM"),
        put("an avatar from the web", own("avatar_url"), json!({"avatar_url": "https://x/y"}), "400 M_INVALID_PARAM"),
        put("a field that is not there", own("org.example.a"), json!({"org.example.b": 1}), "400 M_MISSING_PARAM"),
        put("a long field name", own(&"f".repeat(300)), json!({"f".repeat(300): 1}), "400 M_KEY_TOO_LARGE"),
        put("a large field", own("org.example.a"), json!({"org.example.a": "x".repeat(70_000)}), "400 M_PROFILE_TOO_LARGE"),
        case(
            "nobody's profile",
            Alice,
            Method::GET,
            "/_matrix/client/v3/profile/@nobody:localhost",
            Nothing,
            "404 M_NOT_FOUND",
        ),
        case(
            "no user id",
            Alice,
            Method::PUT,
            field("alice", "displayname"),
            Json(json!({"displayname": "x"})),
            "400 M_INVALID_PARAM",
        ),
        case(
            "a search without a term",
            Alice,
            Method::POST,
            "/_matrix/client/v3/user_directory/search",
            Json(json!({"limit": 3})),
            "400 M_BAD_JSON",
        ),
    ]
}

fn account_data(stage: &Stage) -> Vec<Case> {
    let data = |user: &str, event_type: &str| format!("/_matrix/client/v3/user/{user}/account_data/{event_type}");
    let own = |event_type: &str| data(&stage.alice.user_id, event_type);
    let in_room = |room: &str| format!("/_matrix/client/v3/user/{}/rooms/{room}", stage.alice.user_id);
    let filter = format!("/_matrix/client/v3/user/{}/filter", stage.alice.user_id);
    let put = |name, path: String, body, expected| case(name, Alice, Method::PUT, path, body, expected);
    vec![
        put("somebody else's account data", data(&stage.bob.user_id, "m.direct"), Json(json!({})), "403 M_FORBIDDEN"),
        case("reading it", Alice, Method::GET, data(&stage.bob.user_id, "m.direct"), Nothing, "403 M_FORBIDDEN"),
        put("push rules as account data", own("m.push_rules"), Json(json!({})), "405 M_BAD_JSON"),
        put("account data, no JSON", own("m.direct"), Text("{]".into()), "400 M_NOT_JSON"),
        put("account data, an array", own("m.direct"), Json(json!([1])), "400 M_BAD_JSON"),
        put("account data, a text", own("m.direct"), Json(json!("x")), "400 M_BAD_JSON"),
        put("account data, large", own("m.direct"), Json(json!({"a": "x".repeat(300_000)})), "413 M_TOO_LARGE"),
        put("a body of five megabytes", own("m.direct"), Json(json!({"a": "x".repeat(5_000_000)})), "413 M_TOO_LARGE"),
        case("unknown account data", Alice, Method::GET, own("org.example.none"), Nothing, "404 M_NOT_FOUND"),
        put(
            "account data of a foreign room",
            format!("{}/account_data/a", in_room(&stage.foreign)),
            Json(json!({})),
            "403 M_FORBIDDEN",
        ),
        put(
            "a read marker as account data",
            format!("{}/account_data/m.fully_read", in_room(&stage.room)),
            Json(json!({})),
            "405 M_BAD_JSON",
        ),
        put(
            "a tag in a foreign room",
            format!("{}/tags/m.favourite", in_room(&stage.foreign)),
            Json(json!({})),
            "403 M_FORBIDDEN",
        ),
        put(
            "a long tag",
            format!("{}/tags/{}", in_room(&stage.room), "t".repeat(300)),
            Json(json!({})),
            "400 M_INVALID_PARAM",
        ),
        case("a filter, wrong type", Alice, Method::POST, filter.clone(), Json(json!({"room": 1})), "400 M_BAD_JSON"),
        case("an unknown filter", Alice, Method::GET, format!("{filter}/999"), Nothing, "404 M_NOT_FOUND"),
        case(
            "a filter of somebody else",
            Alice,
            Method::POST,
            format!("/_matrix/client/v3/user/{}/filter", stage.bob.user_id),
            Json(json!({})),
            "403 M_FORBIDDEN",
        ),
    ]
}

fn push() -> Vec<Case> {
    let rule = |rule: &str| format!("/_matrix/client/v3/pushrules/global/{rule}");
    let put = |name, path, body, expected| case(name, Alice, Method::PUT, path, Json(body), expected);
    let word = json!({"pattern": "word", "actions": ["notify"]});
    let set = "/_matrix/client/v3/pushers/set";
    vec![
        put("a rule that begins with a dot", rule("content/.mine"), word.clone(), "400 M_INVALID_PARAM"),
        put("a rule next to an unknown one", format!("{}?before=none", rule("content/mine")), word, "404 M_NOT_FOUND"),
        put("a rule without a pattern", rule("content/mine"), json!({"actions": []}), "400 M_BAD_JSON"),
        put("an unknown rule, enabled", rule("content/none/enabled"), json!({"enabled": true}), "404 M_NOT_FOUND"),
        put("a text for enabled", rule("override/.m.rule.master/enabled"), json!({"enabled": "yes"}), "400 M_BAD_JSON"),
        case("an unknown rule", Alice, Method::GET, rule("content/none"), Nothing, "404 M_NOT_FOUND"),
        case(
            "the server's rule, deleted",
            Alice,
            Method::DELETE,
            rule("override/.m.rule.master"),
            Nothing,
            "400 M_INVALID_PARAM",
        ),
        case(
            "a pusher without a key",
            Alice,
            Method::POST,
            set,
            Json(json!({"kind": "http", "app_id": "a"})),
            "400 M_BAD_JSON",
        ),
    ]
}

fn reading(stage: &Stage) -> Vec<Case> {
    let room = |room: &str, rest: &str| format!("/_matrix/client/v3/rooms/{room}/{rest}");
    let event = &stage.event;
    let post = |name, path, body, expected| case(name, Alice, Method::POST, path, Json(body), expected);
    let typing = |user: &str| format!("typing/{user}");
    vec![
        post("a receipt for an unknown event", room(&stage.room, "receipt/m.read/$none"), json!({}), "404 M_NOT_FOUND"),
        post(
            "a receipt of an unknown type",
            room(&stage.room, &format!("receipt/m.none/{event}")),
            json!({}),
            "400 M_INVALID_PARAM",
        ),
        post(
            "a receipt in a foreign room",
            room(&stage.foreign, &format!("receipt/m.read/{event}")),
            json!({}),
            "403 M_FORBIDDEN",
        ),
        post("a read marker, wrong type", room(&stage.room, "read_markers"), json!({"m.read": 1}), "400 M_BAD_JSON"),
        post(
            "a read marker, unknown event",
            room(&stage.room, "read_markers"),
            json!({"m.fully_read": "$none"}),
            "404 M_NOT_FOUND",
        ),
        case(
            "typing for another",
            Alice,
            Method::PUT,
            room(&stage.room, &typing(&stage.bob.user_id)),
            Json(json!({"typing": false})),
            "403 M_FORBIDDEN",
        ),
        case(
            "typing in a foreign room",
            Alice,
            Method::PUT,
            room(&stage.foreign, &typing(&stage.alice.user_id)),
            Json(json!({"typing": true, "timeout": 1_000})),
            "403 M_FORBIDDEN",
        ),
        case(
            "presence of a stranger",
            Alice,
            Method::GET,
            format!("/_matrix/client/v3/presence/{}/status", stage.bob.user_id),
            Nothing,
            "403 M_FORBIDDEN",
        ),
    ]
}

fn media(stage: &Stage) -> Vec<Case> {
    let download = |server: &str, id: &str| format!("/_matrix/client/v1/media/download/{server}/{id}");
    let thumbnail = |query: &str| format!("/_matrix/client/v1/media/thumbnail/localhost/{}?{query}", stage.media);
    vec![
        case("unknown media", Alice, Method::GET, download("localhost", "none"), Nothing, "404 M_NOT_FOUND"),
        case(
            "media of another server",
            Alice,
            Method::GET,
            download("elsewhere.example", &stage.media),
            Nothing,
            "404 M_NOT_FOUND",
        ),
        case(
            "media without a token",
            Nobody,
            Method::GET,
            download("localhost", &stage.media),
            Nothing,
            "401 M_MISSING_TOKEN",
        ),
        case("a thumbnail without a size", Alice, Method::GET, thumbnail(""), Nothing, "400 M_BAD_JSON"),
        case("a thumbnail of no width", Alice, Method::GET, thumbnail("width=0&height=9"), Nothing, "400 M_INVALID_PARAM"),
        case("a thumbnail of no picture", Alice, Method::GET, thumbnail("width=9&height=9"), Nothing, "400 M_UNKNOWN"),
        case(
            "a large upload",
            Alice,
            Method::POST,
            "/_matrix/media/v3/upload",
            Text("x".repeat(100_001)),
            "413 M_TOO_LARGE",
        ),
        case(
            "an upload nobody announced",
            Alice,
            Method::PUT,
            "/_matrix/media/v3/upload/localhost/none",
            Text("x".into()),
            "404 M_NOT_FOUND",
        ),
        case(
            "a second upload",
            Alice,
            Method::PUT,
            format!("/_matrix/media/v3/upload/localhost/{}", stage.media),
            Text("x".into()),
            "409 M_CANNOT_OVERWRITE_MEDIA",
        ),
    ]
}
