//! `GET /_matrix/client/unstable/org.hearth.admin/users`: the accounts, by their ids, a hundred at a time or `limit`. `from` is the last
//! one of the page before, which the answer names as `next` when there are more.
//!
//! With `search` those whose names begin so, as the user directory finds them, closed ones by their whole names alone; they are not paged,
//! and `limited` says whether there are more.

use axum::{
    Json,
    extract::{Query, State},
};
use domain::Rejection;
use engine::Engine;
use ruma::UserId;
use serde::{Deserialize, Serialize};
use views::{Rows, ViewFault};

use super::{acting::Acting, number::number, person::Person};
use crate::{error::ApiError, uiaa::user_of_name};

/// How many accounts a page has at most.
const PAGE: usize = 100;
/// What `limit` may be.
const LIMIT: &str = "`limit` is from 1 to 100.";
/// The longest search term.
const TERM_BYTES_MAX: usize = 512;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from: Option<String>,
    limit: Option<String>,
    search: Option<String>,
}

/// One page, or what a search has found.
#[derive(Serialize)]
pub(crate) struct Page {
    users: Vec<Person>,
    next: Option<String>,
    limited: bool,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Acting,
    Query(asked): Query<Asked>,
) -> Result<Json<Page>, ApiError> {
    let limit = number(asked.limit.as_deref(), LIMIT)?.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(Rejection::invalid_param(LIMIT).into());
    }
    let term = asked.search.as_deref().map(str::trim).filter(|term| !term.is_empty());
    if term.is_some_and(|term| term.len() > TERM_BYTES_MAX) {
        return Err(Rejection::invalid_param("A search term has at most 512 bytes.").into());
    }
    engine
        .read_public(|rows| {
            let page = match term {
                Some(term) => found(&engine, rows, term, limit),
                None => page(&engine, rows, asked.from.as_deref(), limit),
            };
            Ok(Json(page?))
        })
        .await
}

fn page(engine: &Engine, rows: &dyn Rows, from: Option<&str>, limit: usize) -> Result<Page, ViewFault> {
    let mut accounts = views::accounts::accounts_after(rows, from, limit + 1)?;
    let has_more = accounts.len() > limit;
    accounts.truncate(limit);
    let next = accounts.last().filter(|_| has_more).map(|(id, _)| id.clone());
    let users = accounts.iter().filter_map(|(id, account)| {
        let user_id = <&UserId>::try_from(id.as_str()).ok()?;
        Some(Person::of(engine, rows, user_id, account))
    });
    Ok(Page { users: users.collect::<Result<_, _>>()?, next, limited: false })
}

fn found(engine: &Engine, rows: &dyn Rows, term: &str, limit: usize) -> Result<Page, ViewFault> {
    let (found, limited) = views::accounts::search_users(rows, term, limit, &|_| Ok(true))?;
    let mut ids: Vec<_> = found.into_iter().map(|user| user.user_id).collect();
    // Closed accounts are in no index.
    if let Some(named) = user_of_name(engine, term).filter(|named| !ids.contains(named)) {
        ids.insert(0, named);
        ids.truncate(limit);
    }
    let mut users = Vec::with_capacity(ids.len());
    for user_id in ids {
        if let Some(account) = views::accounts::account(rows, &user_id)? {
            users.push(Person::of(engine, rows, &user_id, &account)?);
        }
    }
    Ok(Page { users, next: None, limited })
}
