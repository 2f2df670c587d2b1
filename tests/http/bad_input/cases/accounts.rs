//! Signing up, logging in, tokens, devices, passwords.

use blackbox::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::case::{
    Body::{self, Json, None as Nothing, Text},
    Case,
    Who::{Alice, Basic, Gone, Nobody, Stranger},
    case,
};
use crate::bad_input::stage::Stage;

const REGISTER: &str = "/_matrix/client/v3/register";
const LOGIN: &str = "/_matrix/client/v3/login";
const WHOAMI: &str = "/_matrix/client/v3/account/whoami";

/// A sign-up that would succeed, with some fields changed.
fn sign_up(changes: Value) -> Body {
    let mut body = json!({"username": "carol", "password": PASSWORD, "auth": {"type": "m.login.dummy"}});
    merge(&mut body, changes);
    Json(body)
}

/// A login that would succeed, with some fields changed; null takes a field away.
fn log_in(changes: Value) -> Body {
    let mut body = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": "alice"},
        "password": PASSWORD,
    });
    merge(&mut body, changes);
    Json(body)
}

fn merge(body: &mut Value, changes: Value) {
    let (Some(body), Value::Object(changes)) = (body.as_object_mut(), changes) else { return };
    for (name, value) in changes {
        if value.is_null() {
            body.remove(&name)
        } else {
            body.insert(name, value)
        };
    }
}

/// The password stage with somebody's name and a password.
fn auth(user: &str, password: &str) -> Body {
    Json(json!({"auth": {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
    }}))
}

pub(super) fn cases(stage: &Stage) -> Vec<Case> {
    [sign_ups(), log_ins(), tokens(), devices(stage)].into_iter().flatten().collect()
}

fn sign_ups() -> Vec<Case> {
    let post = |name, body, expected| case(name, Nobody, Method::POST, REGISTER, body, expected);
    let available = |name, username: &str, expected| {
        case(name, Nobody, Method::GET, format!("{REGISTER}/available?username={username}"), Nothing, expected)
    };
    vec![
        post("sign-up, no JSON", Text("{\"username\":".into()), "400 M_NOT_JSON"),
        post("sign-up, not UTF-8 text", Text("\u{0}".into()), "400 M_NOT_JSON"),
        post("sign-up, an array", Json(json!([])), "400 M_BAD_JSON"),
        post("sign-up, a number for a name", sign_up(json!({"username": 7})), "400 M_BAD_JSON"),
        post("sign-up, a taken name", sign_up(json!({"username": "alice"})), "400 M_USER_IN_USE"),
        post("sign-up, a letter of elsewhere", sign_up(json!({"username": "čarol"})), "400 M_INVALID_USERNAME"),
        post("sign-up, a colon", sign_up(json!({"username": "a:b"})), "400 M_INVALID_USERNAME"),
        post("sign-up, a long name", sign_up(json!({"username": "a".repeat(300)})), "400 M_INVALID_USERNAME"),
        post("sign-up, a weak password", sign_up(json!({"password": "short"})), "400 M_WEAK_PASSWORD"),
        post("sign-up, a huge password", sign_up(json!({"password": "x".repeat(2_000)})), "400 M_INVALID_PARAM"),
        post("sign-up, no password", sign_up(json!({"password": null})), "400 M_BAD_JSON"),
        post("sign-up, no stage", sign_up(json!({"auth": null})), "401 flows"),
        post("sign-up, another stage", sign_up(json!({"auth": {"type": "m.login.terms"}})), "401 M_FORBIDDEN"),
        post(
            "sign-up, an expired session",
            sign_up(json!({"auth": {"type": "m.login.dummy", "session": "AAAAAAAAAAA"}})),
            "401 M_FORBIDDEN",
        ),
        post("sign-up, no email address", sign_up(json!({"org.hearth.email": "carol"})), "400 M_INVALID_PARAM"),
        post("sign-up, a taken address", sign_up(json!({"org.hearth.email": "Alice@example.org"})), "400 M_THREEPID_IN_USE"),
        post("sign-up, a long device id", sign_up(json!({"device_id": "D".repeat(300)})), "400 M_INVALID_PARAM"),
        case(
            "a guest",
            Nobody,
            Method::POST,
            format!("{REGISTER}?kind=guest"),
            sign_up(json!({})),
            "403 M_GUEST_ACCESS_FORBIDDEN",
        ),
        available("availability, taken", "alice", "400 M_USER_IN_USE"),
        available("availability, no name", "A%20B", "400 M_INVALID_USERNAME"),
    ]
}

fn log_ins() -> Vec<Case> {
    let post = |name, body, expected| case(name, Nobody, Method::POST, LOGIN, body, expected);
    let nobody = json!({"identifier": {"type": "m.id.user", "user": "nobody"}});
    let address = json!({"identifier": {"type": "m.id.thirdparty", "medium": "email", "address": "nobody@example.org"}});
    let foreign = json!({"identifier": {"type": "m.id.user", "user": "@alice:elsewhere.example"}});
    vec![
        post("login, no JSON", Text("password".into()), "400 M_NOT_JSON"),
        post("login, a wrong password", log_in(json!({"password": "wrong"})), "403 M_FORBIDDEN"),
        post("login, nobody", log_in(nobody), "403 M_FORBIDDEN"),
        post("login, nobody's address", log_in(address), "403 M_FORBIDDEN"),
        post("login, another server's user", log_in(foreign), "403 M_FORBIDDEN"),
        post("login, another type", log_in(json!({"type": "m.login.token", "token": "x"})), "400 M_UNKNOWN"),
        post("login, no type", log_in(json!({"type": null})), "400 M_BAD_JSON"),
        post("login, no identifier", log_in(json!({"identifier": null})), "400 M_BAD_JSON"),
        post("login, no password", log_in(json!({"password": null})), "400 M_BAD_JSON"),
        post("login, a number for a password", log_in(json!({"password": 1})), "400 M_BAD_JSON"),
        post(
            "login, a long device name",
            log_in(json!({"initial_device_display_name": "n".repeat(300)})),
            "400 M_INVALID_PARAM",
        ),
    ]
}

fn tokens() -> Vec<Case> {
    let refresh = Json(json!({"refresh_token": "hearthr_unknown"}));
    vec![
        case("no token", Nobody, Method::GET, WHOAMI, Nothing, "401 M_MISSING_TOKEN"),
        case("an unknown token", Stranger, Method::GET, WHOAMI, Nothing, "401 M_UNKNOWN_TOKEN"),
        case("a logged-out token", Gone, Method::GET, WHOAMI, Nothing, "401 M_UNKNOWN_TOKEN"),
        case("no token but a password", Basic, Method::GET, WHOAMI, Nothing, "401 M_MISSING_TOKEN"),
        case("a logged-out sync", Gone, Method::GET, "/_matrix/client/v3/sync?timeout=0", Nothing, "401 M_UNKNOWN_TOKEN"),
        case("an unknown refresh token", Nobody, Method::POST, "/_matrix/client/v3/refresh", refresh, "401 M_UNKNOWN_TOKEN"),
        case("no refresh token", Nobody, Method::POST, "/_matrix/client/v3/refresh", Json(json!({})), "400 M_BAD_JSON"),
        case("no such endpoint", Alice, Method::GET, "/_matrix/client/v3/nothing", Nothing, "404 M_UNRECOGNIZED"),
        case("a wrong method", Alice, Method::DELETE, WHOAMI, Nothing, "405 M_UNRECOGNIZED"),
    ]
}

fn devices(stage: &Stage) -> Vec<Case> {
    let own = format!("/_matrix/client/v3/devices/{}", stage.alice.device_id);
    let unknown = "/_matrix/client/v3/devices/UNKNOWN";
    let password = "/_matrix/client/v3/account/password";
    let name = |name: Value| Json(json!({"display_name": name}));
    vec![
        case("delete a device, no stage", Alice, Method::DELETE, own.clone(), Json(json!({})), "401 flows"),
        case(
            "delete a device, a wrong password",
            Alice,
            Method::DELETE,
            own.clone(),
            auth("alice", "wrong"),
            "401 M_FORBIDDEN",
        ),
        case(
            "delete a device as somebody else",
            Alice,
            Method::DELETE,
            own.clone(),
            auth("bob", PASSWORD),
            "403 M_FORBIDDEN",
        ),
        case(
            "delete devices, wrong type",
            Alice,
            Method::POST,
            "/_matrix/client/v3/delete_devices",
            Json(json!({"devices": 1})),
            "400 M_BAD_JSON",
        ),
        case("an unknown device", Alice, Method::GET, unknown, Nothing, "404 M_NOT_FOUND"),
        case("rename an unknown device", Alice, Method::PUT, unknown, name(json!("x")), "404 M_NOT_FOUND"),
        case("a long device name", Alice, Method::PUT, own.clone(), name(json!("x".repeat(300))), "400 M_INVALID_PARAM"),
        case("a number for a device name", Alice, Method::PUT, own, name(json!(1)), "400 M_BAD_JSON"),
        case(
            "a weak new password",
            Alice,
            Method::POST,
            password,
            Json(json!({"new_password": "short"})),
            "400 M_WEAK_PASSWORD",
        ),
        case(
            "a new password, no stage",
            Alice,
            Method::POST,
            password,
            Json(json!({"new_password": PASSWORD})),
            "401 flows",
        ),
        case(
            "deactivate, no stage",
            Alice,
            Method::POST,
            "/_matrix/client/v3/account/deactivate",
            Json(json!({})),
            "401 flows",
        ),
    ]
}
