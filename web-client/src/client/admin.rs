//! What admins ask of the server and have it do, and the ledger that everybody reads. The endpoints are this server's own, but for locks:
//! `docs/operations/admin.md`.

use hearth_web_state::{
    admin::{Devices, Erasure, Invites, Ledger, Log, MadeLink, People, Person, Records, Server, Verification},
    trouble::Trouble,
};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Account, http, token};

const ADMIN: &str = "/_matrix/client/unstable/org.hearth.admin";
const CAPABILITIES: &str = "/_matrix/client/v3/capabilities";
const LOCK: &str = "/_matrix/client/v1/admin/lock";

/// An answer, or why there is none, in words.
pub(crate) type Answered<T> = Result<T, String>;

impl Account {
    /// Whether this person is an admin (<https://spec.matrix.org/v1.18/client-server-api/#maccount_moderation-capability>).
    ///
    /// # Errors
    /// Why that is not known.
    pub(crate) async fn is_admin(&self) -> Answered<bool> {
        let answer = self.ask(Method::GET, CAPABILITIES, None).await?;
        let moderation = answer.get("capabilities").and_then(|all| all.get("m.account_moderation"));
        Ok(moderation.and_then(|may| may.get("lock")).and_then(Value::as_bool).unwrap_or(false))
    }

    /// A page of the accounts, or those whose names begin as is searched for.
    ///
    /// # Errors
    /// Why there are none.
    pub(crate) async fn people(&self, search: &str, from: Option<&str>) -> Answered<People> {
        let query = match from {
            Some(from) => format!("?from={}", escaped(from)),
            None => format!("?search={}", escaped(search)),
        };
        self.read(&format!("{ADMIN}/users{query}")).await
    }

    /// An account anew, with its devices.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub(crate) async fn person(&self, user_id: &str) -> Answered<(Person, Devices)> {
        let answer = self.ask(Method::GET, &of_user(user_id, ""), None).await?;
        Ok((read(answer.clone())?, read(answer)?))
    }

    /// Makes a link by which somebody sets a new password.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn make_reset_link(&self, user_id: &str) -> Answered<MadeLink> {
        read(self.ask(Method::POST, &of_user(user_id, "/reset_link"), Some(json!({}))).await?)
    }

    /// Locks an account, or unlocks it.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn set_locked(&self, user_id: &str, locked: bool) -> Answered<()> {
        let path = format!("{LOCK}/{}", escaped(user_id));
        self.ask(Method::PUT, &path, Some(json!({ "locked": locked }))).await.map(drop)
    }

    /// Makes somebody an admin, or none.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn set_admin(&self, user_id: &str, is_admin: bool) -> Answered<()> {
        let method = if is_admin { Method::PUT } else { Method::DELETE };
        self.ask(method, &format!("{ADMIN}/admins/{}", escaped(user_id)), None).await.map(drop)
    }

    /// Closes somebody's account for ever; with `erase` also one that is closed, and what is known of them is forgotten.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn deactivate_other(&self, user_id: &str, erase: bool) -> Answered<()> {
        let path = of_user(user_id, "/deactivate");
        self.ask(Method::POST, &path, Some(json!({ "erase": erase }))).await.map(drop)
    }

    /// How far the erasure of somebody's account is.
    ///
    /// # Errors
    /// Why that is not known.
    pub(crate) async fn erasure(&self, user_id: &str) -> Answered<Erasure> {
        self.read(&of_user(user_id, "/erasure")).await
    }

    /// The invites that nobody has taken back.
    ///
    /// # Errors
    /// Why they cannot be told.
    pub(crate) async fn invites(&self) -> Answered<Invites> {
        self.read(&format!("{ADMIN}/invites")).await
    }

    /// Makes an invite for so many people.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn make_invite(&self, note: &str, uses: u32, expires_after_ms: u64) -> Answered<MadeLink> {
        let note = Some(note.trim()).filter(|note| !note.is_empty());
        let body = json!({ "uses": uses, "expires_after_ms": expires_after_ms, "note": note });
        read(self.ask(Method::POST, &format!("{ADMIN}/invites"), Some(body)).await?)
    }

    /// Takes an invite back.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn revoke_invite(&self, id: &str) -> Answered<()> {
        self.ask(Method::DELETE, &format!("{ADMIN}/invites/{}", escaped(id)), None).await.map(drop)
    }

    /// A page of what admins have done.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub(crate) async fn ledger(&self, from: Option<&str>) -> Answered<Ledger> {
        let query = from.map(|from| format!("?from={}", escaped(from))).unwrap_or_default();
        self.read(&format!("{ADMIN}/ledger{query}")).await
    }

    /// How the server does.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub(crate) async fn server(&self) -> Answered<Server> {
        self.read(&format!("{ADMIN}/server")).await
    }

    /// The log as a whole.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub(crate) async fn log(&self) -> Answered<Log> {
        self.read(&format!("{ADMIN}/log")).await
    }

    /// The newest records, or those of them behind a position.
    ///
    /// # Errors
    /// Why they cannot be told.
    pub(crate) async fn records(&self, after: Option<u64>) -> Answered<Records> {
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        self.read(&format!("{ADMIN}/log/records{query}")).await
    }

    /// How it goes with a verification of the log, which is begun if `begins`.
    ///
    /// # Errors
    /// Why that is not known.
    pub(crate) async fn verification(&self, begins: bool) -> Answered<Verification> {
        let method = if begins { Method::POST } else { Method::GET };
        read(self.ask(method, &format!("{ADMIN}/log/verification"), None).await?)
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Answered<T> {
        read(self.ask(Method::GET, path, None).await?)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answered<Value> {
        let mut request = http::request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let (status, answer) = token::ask(&self.client, request).await.map_err(Trouble::words)?;
        if status == 200 { Ok(answer) } else { Err(words(status, &answer)) }
    }
}

/// Why something was refused. What this server says of accounts and invites is written to be read.
fn words(status: u16, answer: &Value) -> String {
    let text = |key| answer.get(key).and_then(Value::as_str);
    match (text("errcode"), text("error")) {
        (Some("M_FORBIDDEN" | "M_NOT_FOUND" | "M_INVALID_PARAM" | "M_RESOURCE_LIMIT_EXCEEDED"), Some(said)) => {
            said.to_owned()
        }
        (errcode, _) => Trouble::from_answer(status, errcode, answer.get("retry_after_ms").and_then(Value::as_u64)).words(),
    }
}

fn read<T: DeserializeOwned>(answer: Value) -> Answered<T> {
    serde_json::from_value(answer)
        .map_err(|_| "The server’s answer is of another version. Reload the page for the newer Hearth.".to_owned())
}

fn of_user(user_id: &str, what: &str) -> String {
    format!("{ADMIN}/users/{}{what}", escaped(user_id))
}

fn escaped(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}
