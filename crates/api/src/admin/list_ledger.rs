//! `GET /_matrix/client/unstable/org.hearth.admin/ledger`: what admins have done, newest first, a hundred entries at a time, for everybody
//! who has an account here. `from` takes the `next` of the page before.

use axum::{
    Json,
    extract::{Query, State},
};
use engine::Engine;
use serde::{Deserialize, Serialize};
use views::ledger::LedgerRow;

use super::number::number;
use crate::error::ApiError;

/// How many entries a page has.
const PAGE: usize = 100;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from: Option<String>,
}

/// One page.
#[derive(Serialize)]
pub(crate) struct Page {
    entries: Vec<Entry>,
    next: Option<String>,
}

/// One act, and the record that it is in.
#[derive(Serialize)]
struct Entry {
    position: u64,
    #[serde(flatten)]
    row: LedgerRow,
}

/// The door has let nobody in who has no session and does not come by the operator's socket.
pub(crate) async fn handle(State(engine): State<Engine>, Query(asked): Query<Asked>) -> Result<Json<Page>, ApiError> {
    let before = number(asked.from.as_deref(), "`from` is not the `next` of a page.")?;
    let mut found = views::ledger::entries(&*engine.rows(), before, PAGE + 1)?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| has_more).map(|(position, _)| position.to_string());
    let entries = found.into_iter().map(|(position, row)| Entry { position, row }).collect();
    Ok(Json(Page { entries, next }))
}
