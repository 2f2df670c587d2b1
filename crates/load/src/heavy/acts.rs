//! What the heavy person does, all at once and for ever. Refusals are part of it: the server may say that it is too much.

use std::{convert::Infallible, time::Duration};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use clap::ValueEnum;
use futures_util::future::{BoxFuture, FutureExt as _, try_join_all};
use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::sleep;

use super::person::{Device, Person};
use crate::{
    connection::{Connection, Target},
    conversation::{SyncAnswer, content},
    setup::{User, in_path},
    tally::Tally,
};

/// After a refusal.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);
/// No rooms and no account data: where a sync is now, for little.
const NOTHING: &str = "%7B%22room%22%3A%7B%22rooms%22%3A%5B%5D%7D%2C%22account_data%22%3A%7B%22types%22%3A%5B%5D%7D%7D";
const SLIDING: &str = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";
const BODY_BYTES: usize = 800;

/// Something that the heavy person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Act {
    /// Many devices wait for something new with `/sync`.
    Polls,
    /// Devices sync from the beginning, one time after the other.
    InitialSyncs,
    /// Devices begin sliding syncs of all rooms.
    SlidingSyncs,
    /// Devices go on with sliding syncs.
    SlidingPolls,
    /// Friends ask for the keys of all devices.
    KeyQueries,
    /// A message to all devices.
    ToDevice,
    /// Messages in rooms, which wake all devices.
    Messages,
    /// Account data is written anew, which wakes all devices.
    AccountData,
}

impl Act {
    /// Devices, or friends, that do it at once.
    const fn clients(self) -> usize {
        match self {
            Self::Polls => 200,
            Self::InitialSyncs | Self::SlidingSyncs => 4,
            Self::SlidingPolls => 20,
            Self::KeyQueries => 2,
            Self::ToDevice | Self::Messages | Self::AccountData => 1,
        }
    }

    fn name(self) -> String {
        format!("{self:?}")
    }

    fn chosen(chosen: &[Self]) -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied().filter(move |act| chosen.is_empty() || chosen.contains(act))
    }
}

/// A row of the table for each act.
pub(super) fn lines(tally: &Tally, chosen: &[Act], during: Duration) -> Vec<String> {
    let line = |act: Act| {
        let name = act.name();
        format!("| {name}: {} clients; requests, answers by status | {} |", act.clients(), tally.line(&name, during))
    };
    Act::chosen(chosen).map(line).collect()
}

/// Does all of `chosen`, or everything. Ends only by failing.
pub(super) async fn all(target: &Target, person: &Person, tally: &Tally, chosen: &[Act]) -> Result<()> {
    let mut devices = person.devices.iter().cycle();
    let mut doing: Vec<BoxFuture<'_, Result<Infallible>>> = Vec::new();
    for act in Act::chosen(chosen) {
        for (number, device) in (0..act.clients()).zip(&mut devices) {
            let doer = Doer { target, person, device, tally, act, number };
            doing.push(doer.go_on().boxed());
        }
    }
    try_join_all(doing).await.map(drop)
}

/// One device that does one thing.
#[derive(Clone, Copy)]
struct Doer<'a> {
    target: &'a Target,
    person: &'a Person,
    device: &'a Device,
    tally: &'a Tally,
    act: Act,
    number: usize,
}

impl Doer<'_> {
    async fn go_on(self) -> Result<Infallible> {
        let connection = self.device.connect(self.target).await?;
        match self.act {
            Act::Polls => self.poll(connection).await,
            Act::InitialSyncs => self.again(connection, |_| get("/_matrix/client/v3/sync?timeout=0".to_owned())).await,
            Act::SlidingSyncs => self.again(connection, |number| sliding(&format!("c{}", number % 4), None)).await,
            Act::SlidingPolls => self.poll_sliding(connection).await,
            Act::KeyQueries => self.query_keys(connection).await,
            Act::ToDevice => self.again(connection, |number| self.to_device(number)).await,
            Act::Messages => self.again(connection, |number| self.message(number)).await,
            Act::AccountData => self.again(connection, |number| self.account_data(number)).await,
        }
    }

    /// One request, counted; nothing when it was refused.
    async fn ask(self, connection: &mut Connection, token: &str, request: Request) -> Result<Option<Bytes>> {
        let (method, path, body) = request;
        let (status, answer) = match connection.call(method, &path, token, body).await {
            Ok(answered) => answered,
            Err(_closed) => {
                self.tally.note(&self.act.name(), None);
                sleep(REFUSED_PAUSE).await;
                *connection = self.device.connect(self.target).await?;
                return Ok(None);
            }
        };
        self.tally.note(&self.act.name(), Some(status));
        if status != StatusCode::OK {
            sleep(REFUSED_PAUSE).await;
        }
        Ok((status == StatusCode::OK).then_some(answer))
    }

    /// The same for ever.
    async fn again(self, mut connection: Connection, request: impl Fn(usize) -> Request) -> Result<Infallible> {
        let mut number = 0;
        loop {
            self.ask(&mut connection, &self.device.token, request(number)).await?;
            number += 1;
        }
    }

    async fn poll(self, mut connection: Connection) -> Result<Infallible> {
        let first = format!("/_matrix/client/v3/sync?timeout=0&filter={NOTHING}");
        let mut path = first.clone();
        loop {
            if let Some(answer) = self.ask(&mut connection, &self.device.token, get(path.clone())).await? {
                let SyncAnswer { next_batch } = serde_json::from_slice(&answer).context("no next_batch in a sync")?;
                path = format!("/_matrix/client/v3/sync?timeout=30000&since={}", in_path(&next_batch));
            }
        }
    }

    async fn poll_sliding(self, mut connection: Connection) -> Result<Infallible> {
        let mut pos = None;
        loop {
            let answer = self.ask(&mut connection, &self.device.token, sliding("poll", pos.as_deref())).await?;
            pos = match answer {
                Some(answer) => Some(pos_of(&answer)?),
                // It may be the position that is refused.
                None => None,
            };
        }
    }

    async fn query_keys(self, mut connection: Connection) -> Result<Infallible> {
        let friend: &User = &self.person.friends[self.number % self.person.friends.len()];
        let body = json!({ "device_keys": { &self.person.user.id: [] } }).to_string();
        loop {
            let request = (Method::POST, "/_matrix/client/v3/keys/query".to_owned(), Bytes::from(body.clone()));
            self.ask(&mut connection, &friend.token, request).await?;
        }
    }

    fn to_device(self, number: usize) -> Request {
        let user = &self.person.user.id;
        let text = json!({ "messages": { user: { "*": { "text": "A".repeat(BODY_BYTES) } } } }).to_string();
        (Method::PUT, format!("/_matrix/client/v3/sendToDevice/org.example.heavy/{number}"), text.into())
    }

    fn message(self, number: usize) -> Request {
        let room = in_path(&self.person.rooms[number % self.person.rooms.len()]);
        let path = format!("/_matrix/client/v3/rooms/{room}/send/m.room.encrypted/heavy-{number}");
        (Method::PUT, path, content(number, BODY_BYTES))
    }

    fn account_data(self, number: usize) -> Request {
        let user = in_path(&self.person.user.id);
        let path = format!("/_matrix/client/v3/user/{user}/account_data/org.example.heavy.{}", number % 10);
        (Method::PUT, path, Bytes::from(json!({ "padding": "B".repeat(BODY_BYTES), "number": number }).to_string()))
    }
}

/// Method, path and body.
type Request = (Method, String, Bytes);

fn get(path: String) -> Request {
    (Method::GET, path, Bytes::new())
}

/// A sliding sync of all rooms as a client with a long list of them begins it.
fn sliding(conn_id: &str, pos: Option<&str>) -> Request {
    let state = [["m.room.name", ""], ["m.room.encryption", ""], ["m.room.member", "$LAZY"], ["m.room.member", "$ME"]];
    let list = json!({ "ranges": [[0, 999]], "timeline_limit": 10, "required_state": state });
    let on = json!({ "enabled": true });
    let extensions = json!({ "account_data": on, "e2ee": on, "to_device": on, "receipts": on, "typing": on });
    let body = json!({ "conn_id": conn_id, "lists": { "all": list }, "extensions": extensions }).to_string();
    let path = pos.map_or_else(|| format!("{SLIDING}?timeout=0"), |pos| format!("{SLIDING}?timeout=30000&pos={pos}"));
    (Method::POST, path, Bytes::from(body))
}

/// The place that a sliding sync has come to, without what else it says.
fn pos_of(answer: &[u8]) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Answer {
        pos: String,
    }
    let Answer { pos } = serde_json::from_slice(answer).context("no pos in a sliding sync")?;
    Ok(pos)
}
