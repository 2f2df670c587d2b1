//! Refreshing access tokens, beside a model that is too simple to be wrong: whatever the order in which tokens are
//! refreshed and used, answers are lost and copies turn up, the server lets in whom the model lets in.

use domain::user::{NewSession, OpenSession, UNUSED_MAX};
use serde_json::{Value, json};

use crate::http::{Answer, Server};

/// Sessions that are played through.
const GAMES: u64 = 40;
/// The most requests in each.
const MOVES_MAX: usize = 40;

/// Random numbers that are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }
}

/// Tokens that were given out together, and those for which they were.
struct Given {
    access: String,
    refresh: String,
    by: Option<usize>,
}

/// Everything that was given out for one session, and what is in use.
struct Model {
    given: Vec<Given>,
    in_use: usize,
    is_closed: bool,
}

impl Model {
    fn counts(&self, n: usize) -> bool {
        let mut waiting = (0..self.given.len()).rev().filter(|n| self.given[*n].by == Some(self.in_use)).take(UNUSED_MAX);
        !self.is_closed && (n == self.in_use || waiting.any(|other| other == n))
    }

    /// Somebody shows an access token. Says whether it is taken.
    fn uses(&mut self, n: usize) -> bool {
        let counts = self.counts(n);
        if counts {
            self.in_use = n;
        }
        counts
    }

    /// Somebody shows a refresh token. Says whether it is taken.
    fn refreshes(&mut self, n: usize) -> bool {
        let counts = self.uses(n);
        self.is_closed |= !counts;
        counts
    }
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap().to_owned()
}

/// Opens a session of alice that can be refreshed.
async fn open(server: &mut Server, device: &str) -> Given {
    let session = NewSession { device_id: Some(device.into()), display_name: None, lifetime_ms: Some(3_600_000) };
    let command = OpenSession { user_id: "@alice:h".try_into().unwrap(), session };
    let opened = server.node.engine().unwrap().submit(command).await.unwrap();
    server.logged_in(&opened.access_token, opened.access_token.clone());
    Given { access: opened.access_token, refresh: opened.refresh_token.unwrap(), by: None }
}

async fn refresh(server: &Server, token: &str) -> Answer {
    server.call("nobody", "POST", "v3/refresh", json!({ "refresh_token": token })).await
}

async fn whoami(server: &Server, token: &str) -> Answer {
    server.call(token, "GET", "v3/account/whoami", Value::Null).await
}

/// Refreshes with a token that counts.
async fn refreshed(server: &mut Server, by: usize, token: &str) -> Given {
    let body = refresh(server, token).await.ok();
    assert_eq!(body["expires_in_ms"], 3_600_000);
    let given = Given { access: text(&body, "access_token"), refresh: text(&body, "refresh_token"), by: Some(by) };
    server.logged_in(&given.access, given.access.clone());
    given
}

#[track_caller]
fn assert_unknown(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.errcode()), (401, "M_UNKNOWN_TOKEN"), "{what}: {}", answer.body);
    assert!(!answer.body["soft_logout"].as_bool().unwrap_or_default(), "{what} can be refreshed: {}", answer.body);
}

#[tokio::test]
async fn tokens_count_as_in_the_model() {
    let mut server = Server::with(&["alice"]).await;
    let mut closed = 0;
    for game in 0..GAMES {
        let mut dice = Dice(game + 1);
        let mut model = Model { given: vec![open(&mut server, &format!("D{game}")).await], in_use: 0, is_closed: false };
        for at in 0..=dice.below(MOVES_MAX) {
            let what = format!("game {game}, move {at}");
            // Mostly tokens that were given out lately: an answer that got lost is one that nobody shows.
            let newest = model.given.len() - 1;
            let n = if dice.below(16) == 0 { dice.below(newest + 1) } else { newest - dice.below(2).min(newest) };
            let shown = (model.given[n].access.clone(), model.given[n].refresh.clone());
            match dice.below(9) {
                0..6 if model.uses(n) => assert_eq!(whoami(&server, &shown.0).await.ok()["user_id"], "@alice:h", "{what}"),
                0..6 => assert_unknown(&whoami(&server, &shown.0).await, &what),
                6..8 if model.refreshes(n) => model.given.push(refreshed(&mut server, n, &shown.1).await),
                6..8 => assert_unknown(&refresh(&server, &shown.1).await, &what),
                _ => assert!(server.restart()),
            }
        }
        closed += usize::from(model.is_closed);
    }
    let games = usize::try_from(GAMES).unwrap();
    assert!((games / 4..games).contains(&closed), "{closed} games end with a token that was copied");
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn only_the_first_use_of_a_token_is_a_write() {
    let mut server = Server::with(&["alice"]).await;
    let first = open(&mut server, "TABLET").await;
    let head = |server: &Server| server.node.engine().unwrap().log().head();
    let before = head(&server);
    whoami(&server, &first.access).await.ok();
    assert_eq!(head(&server), before, "a token that was not given for another one");
    let second = refreshed(&mut server, 0, &first.refresh).await;
    whoami(&server, &first.access).await.ok();
    let before = head(&server);
    whoami(&server, &second.access).await.ok();
    assert_eq!(head(&server).0, before.0 + 1, "the first use");
    for _ in 0..3 {
        whoami(&server, &second.access).await.ok();
    }
    assert_eq!(head(&server).0, before.0 + 1, "later uses");
    assert_unknown(&whoami(&server, &first.access).await, "the one before");
}

#[tokio::test]
async fn a_copied_refresh_token_ends_the_device_for_everybody() {
    let mut server = Server::with(&["alice"]).await;
    let first = open(&mut server, "TABLET").await;
    let second = refreshed(&mut server, 0, &first.refresh).await;
    whoami(&server, &second.access).await.ok();
    assert_unknown(&refresh(&server, &first.refresh).await, "the copy");
    assert_unknown(&refresh(&server, &second.refresh).await, "the owner's");
    assert_unknown(&whoami(&server, &second.access).await, "the owner's access token");
    let devices = server.get("alice", "v3/devices").await;
    let ids: Vec<_> = devices["devices"].as_array().unwrap().iter().map(|device| &device["device_id"]).collect();
    assert_eq!(ids, ["PHONE"]);
}
