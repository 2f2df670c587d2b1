//! Users, and an encrypted room for each pair of them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::connection::{Connection, Target};

/// Two users in one room, both joined.
pub(crate) struct Conversation {
    pub(crate) room_id: String,
    pub(crate) sender_token: String,
    pub(crate) receiver_token: String,
}

pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) token: String,
}

/// Registers twice as many users as conversations, one after another: hashing passwords is the server's cost, not the measured one.
pub(crate) async fn conversations(target: &Target, count: usize) -> Result<Vec<Conversation>> {
    let mut connection = target.connect().await?;
    let run = run_name();
    let mut conversations = Vec::with_capacity(count);
    for number in 0..count {
        let sender = register(&mut connection, &format!("load-{run}-{number}-a")).await?;
        let receiver = register(&mut connection, &format!("load-{run}-{number}-b")).await?;
        let room_id = open_room(&mut connection, &sender, &receiver).await?;
        conversations.push(Conversation { room_id, sender_token: sender.token, receiver_token: receiver.token });
    }
    Ok(conversations)
}

/// Tells this run's users from those of earlier runs on the same server.
#[expect(clippy::disallowed_methods, reason = "names need to be new, nothing is measured by this clock")]
pub(crate) fn run_name() -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since_epoch.as_millis())
}

pub(crate) async fn register(connection: &mut Connection, username: &str) -> Result<User> {
    let path = "/_matrix/client/v3/register";
    let mut body = json!({ "username": username, "password": password(username) });
    let (status, answer) = connection.call(Method::POST, path, "", Bytes::from(body.to_string())).await?;
    let answer: Value = serde_json::from_slice(&answer).context("no JSON from /register")?;
    ensure!(status == StatusCode::UNAUTHORIZED, "{path} answered {status}: {answer}");
    body["auth"] = json!({ "type": "m.login.dummy", "session": answer["session"] });
    let answer = connection.post(path, "", &body).await?;
    Ok(User { id: text(&answer, "user_id")?, token: text(&answer, "access_token")? })
}

pub(crate) async fn open_room(connection: &mut Connection, sender: &User, receiver: &User) -> Result<String> {
    let encryption = json!({
        "type": "m.room.encryption",
        "state_key": "",
        "content": { "algorithm": "m.megolm.v1.aes-sha2" },
    });
    let room = json!({
        "preset": "trusted_private_chat",
        "is_direct": true,
        "invite": [receiver.id],
        "initial_state": [encryption],
    });
    let answer = connection.post("/_matrix/client/v3/createRoom", &sender.token, &room).await?;
    let room_id = text(&answer, "room_id")?;
    connection.post(&format!("/_matrix/client/v3/join/{}", in_path(&room_id)), &receiver.token, &json!({})).await?;
    Ok(room_id)
}

/// Another session of somebody who was registered here.
pub(crate) async fn log_in(connection: &mut Connection, username: &str) -> Result<(String, String)> {
    let body = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": username },
        "password": password(username),
    });
    let answer = connection.insist(Method::POST, "/_matrix/client/v3/login", "", Bytes::from(body.to_string())).await?;
    let answer: Value = serde_json::from_slice(&answer).context("no JSON from /login")?;
    Ok((text(&answer, "device_id")?, text(&answer, "access_token")?))
}

fn password(username: &str) -> String {
    format!("password of {username}")
}

pub(crate) fn text(answer: &Value, field: &str) -> Result<String> {
    let text = answer[field].as_str().with_context(|| format!("no {field} in the answer"))?;
    Ok(text.to_owned())
}

/// A room id as a path segment: what ids are made of, and nothing else, stands for itself.
pub(crate) fn in_path(id: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    id.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::in_path;

    #[test]
    fn ids_are_escaped() {
        assert_eq!(in_path("!aB-_9:local/host"), "%21aB-_9%3Alocal%2Fhost");
    }
}
