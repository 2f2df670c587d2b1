//! The table of routes: whatever is declared is behind the door.

use std::num::NonZeroU32;

use api::{Class, RateLimits, Route, route_table};
use axum::{
    body::{Body, Bytes},
    http::Method,
};
use serde_json::Value;

use crate::http::Server;

/// Requests after which one must have been refused, with budgets of one a second that hold ten.
const ENOUGH: usize = 15;

/// The route's path, with something in place of each name in it.
pub(crate) fn path_of(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{room_id}" | "{room_id_or_alias}" => "!nowhere:h",
        "{user_id}" => "@alice:h",
        "{event_id}" => "$nothing",
        "{room_alias}" => "%23nowhere:h",
        part if part.starts_with('{') => "x",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn one_a_second() -> RateLimits {
    let one = NonZeroU32::MIN;
    RateLimits { writes_per_second: one, reads_per_second: one, logins_per_minute: one, ..RateLimits::default() }
}

#[test]
fn every_route_is_bounded_and_every_class_is_used() {
    let table = route_table();
    assert!(table.len() > 150, "{} routes", table.len());
    for class in Class::ALL {
        assert!(table.iter().any(|route| route.class == class), "{class:?}");
        assert!(class.deadline(std::time::Duration::from_secs(60)).as_secs() <= 600);
        assert!(class.body_bytes_max().is_some_and(|bytes| bytes <= 4 << 20) || class == Class::Upload);
    }
    for route in &table {
        let reads = matches!(
            route.class,
            Class::Public | Class::Profile | Class::RoomList | Class::Read | Class::Sync | Class::Download | Class::Login
        );
        assert!(reads || route.method != Method::GET, "{} {} writes", route.method, route.path);
        let writes = matches!(route.class, Class::Write | Class::Logout | Class::Bulk | Class::Upload | Class::Login);
        // What is asked in a body.
        let asks =
            ["/search", "/publicRooms", "/keys/query", "/sync", "/events"].iter().any(|end| route.path.ends_with(end));
        assert!(writes || asks || route.method == Method::GET, "{} {} reads", route.method, route.path);
    }
}

#[tokio::test]
async fn every_route_says_in_the_end_that_it_is_too_much() {
    let mut server = Server::with(&["alice"]).await;
    for route in route_table() {
        server.limit(&one_a_second());
        let path = format!("{}?timeout=0", path_of(&route));
        let mut is_refused = false;
        for n in 0..ENOUGH {
            let answer = server.call_with("alice", route.method.as_str(), &path, Body::from("{}")).await;
            assert!(n > 0 || answer.status != 429, "{} {}: the first is refused", route.method, route.path);
            is_refused |= answer.status == 429;
            assert!(!is_refused || answer.errcode() == "M_LIMIT_EXCEEDED");
            if is_refused {
                break;
            }
        }
        assert!(is_refused, "{} {}", route.method, route.path);
    }
}

/// What is written is let through as often as anybody likes, but only 48 KiB at once, and 1 KiB a second.
fn few_bytes() -> RateLimits {
    let (often, few) = (NonZeroU32::new(1_000).unwrap(), NonZeroU32::new(1 << 10).unwrap());
    RateLimits {
        writes_per_second: often,
        write_bytes_per_second: few,
        upload_bytes_per_second: few,
        upload_bytes_max: 15 << 10,
        ..RateLimits::default()
    }
}

#[tokio::test]
async fn whatever_is_written_comes_out_of_a_budget_of_bytes() {
    let mut server = Server::with(&["alice"]).await;
    // No JSON, so that nothing comes of it: a log-out would end the test.
    let body = |bytes: usize| "!".repeat(bytes);
    let writes = |class| matches!(class, Class::Write | Class::Logout | Class::Bulk | Class::Upload);
    for route in route_table().into_iter().filter(|route| writes(route.class)) {
        server.limit(&few_bytes());
        let path = path_of(&route);
        let chunks = || Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from("{}"))]));
        for (what, body, refusal) in [
            ("more than the budget holds", Body::from(body(49 << 10)), Some(413)),
            ("a size that is not said", chunks(), Some(413)),
            ("most of the budget", Body::from(body(30 << 10)), None),
            ("what is left", Body::from(body(1 << 10)), None),
            ("more than is left", Body::from(body(30 << 10)), Some(429)),
        ] {
            let answer = server.call_with("alice", route.method.as_str(), &path, body).await;
            let refused = Some(answer.status).filter(|status| [413, 429].contains(status));
            assert_eq!(refused, refusal, "{} {path}: {what}: {}", route.method, answer.body);
        }
    }
}

#[tokio::test]
async fn only_public_routes_let_strangers_in() {
    let server = Server::with(&["alice"]).await;
    for route in route_table() {
        let answer = server.call_with("nobody", route.method.as_str(), &path_of(&route), Body::from("{}")).await;
        let is_shut = answer.status == 401 && answer.errcode() == "M_MISSING_TOKEN";
        assert_eq!(is_shut, route.class.needs_session(), "{} {}: {}", route.method, route.path, answer.body);
    }
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused() {
    let server = Server::with(&["alice"]).await;
    for route in route_table().into_iter().filter(|route| route.method != Method::GET) {
        let Some(most) = route.class.body_bytes_max() else { continue };
        let body = Body::from(vec![b' '; most + 1]);
        let answer = server.call_with("alice", route.method.as_str(), &path_of(&route), body).await;
        assert_eq!((answer.status, answer.errcode()), (413, "M_TOO_LARGE"), "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_its_length_is_bounded_too() {
    let server = Server::with(&["alice"]).await;
    let chunk = Bytes::from(vec![b' '; 256 << 10]);
    for path in ["/_matrix/client/v3/login", "/_matrix/client/v3/createRoom", "/_matrix/client/v3/keys/upload"] {
        let chunks = futures_util::stream::iter((0..32).map(|_| Ok::<_, std::io::Error>(chunk.clone())).collect::<Vec<_>>());
        let answer = server.call_with("alice", "POST", path, Body::from_stream(chunks)).await;
        assert_eq!((answer.status, answer.errcode()), (413, "M_TOO_LARGE"), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let server = Server::with(&["alice"]).await;
    for (method, path) in [
        ("POST", "/_matrix/client/v3/login"),
        ("POST", "/_matrix/client/v3/createRoom"),
        ("POST", "/_matrix/client/v3/keys/upload"),
        ("POST", "/_matrix/client/v3/user_directory/search"),
        ("POST", "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"),
        ("POST", "/_matrix/media/v3/upload"),
    ] {
        let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let answer = server.call_with("alice", method, path, never).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.body);
    }
    assert_eq!(server.get("alice", "v3/account/whoami").await["user_id"], Value::from("@alice:h"));
}
