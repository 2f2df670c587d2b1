//! The addresses of the account, for servers that send email. Some endpoints are this server's own: `docs/operations/email.md`.

use hearth_web_state::trouble::Trouble;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{account::Account, http, token};

/// All addresses (<https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3account3pid>).
const ADDRESSES: &str = "/_matrix/client/v3/account/3pid";
const ADD: &str = "/_matrix/client/v3/account/3pid/add";
const REMOVE: &str = "/_matrix/client/v3/account/3pid/delete";
const SEND: &str = "/_matrix/client/unstable/org.hearth.email/send";
/// In each address: whether its reader has confirmed it.
const IS_CONFIRMED: &str = "org.hearth.confirmed";

/// One address of the account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EmailLine {
    /// The address.
    pub(crate) address: String,
    /// Whether its reader has said that the account is theirs: only then it gets links for new passwords.
    pub(crate) is_confirmed: bool,
}

/// Whether the server sends email.
pub(crate) async fn sends_email() -> bool {
    http::has_feature(http::EMAIL).await
}

impl Account {
    /// The addresses of the account.
    ///
    /// # Errors
    /// Why they could not be read.
    pub(crate) async fn emails(&self) -> Result<Vec<EmailLine>, Trouble> {
        let answer = self.told(http::request(Method::GET, ADDRESSES)).await?;
        let lines = answer.get("threepids").and_then(Value::as_array).ok_or(Trouble::Server)?;
        let read = lines.iter().filter_map(|line| {
            let address = line.get("address")?.as_str()?.to_owned();
            Some(EmailLine { address, is_confirmed: line.get(IS_CONFIRMED).and_then(Value::as_bool).unwrap_or(false) })
        });
        Ok(read.collect())
    }

    /// Adds an address, to which the server sends a question; it wants the password for it.
    ///
    /// # Errors
    /// What the server refused; [`Trouble::WrongPassword`] for a wrong one.
    pub(crate) async fn add_email(&self, address: &str, password: &str) -> Result<(), Trouble> {
        let identifier = json!({ "type": "m.id.user", "user": self.user_id() });
        let auth = json!({ "type": "m.login.password", "identifier": identifier, "password": password });
        let body = json!({ http::EMAIL: address, "auth": auth });
        let (status, answer) = token::ask(&self.client, http::request(Method::POST, ADD).json(&body)).await?;
        // Asked for the password once more, with why.
        if status == 401 && answer.get("flows").is_some() {
            return Err(Trouble::WrongPassword);
        }
        accepted(status, &answer)
    }

    /// Takes an address off the account.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn remove_email(&self, address: &str) -> Result<(), Trouble> {
        let body = json!({ "medium": "email", "address": address });
        self.told(http::request(Method::POST, REMOVE).json(&body)).await.map(drop)
    }

    /// Has the server ask once more whether an address is right.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn ask_to_confirm(&self, address: &str) -> Result<(), Trouble> {
        self.told(http::request(Method::POST, SEND).json(&json!({ "email": address }))).await.map(drop)
    }

    async fn told(&self, request: RequestBuilder) -> Result<Value, Trouble> {
        let (status, answer) = token::ask(&self.client, request).await?;
        accepted(status, &answer).map(|()| answer)
    }
}

fn accepted(status: u16, answer: &Value) -> Result<(), Trouble> {
    if status == 200 {
        return Ok(());
    }
    let errcode = answer.get("errcode").and_then(Value::as_str);
    Err(Trouble::from_answer(status, errcode, answer.get("retry_after_ms").and_then(Value::as_u64)))
}
