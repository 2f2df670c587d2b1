//! Answers that are read and sent in pages: what one takes in memory is a page or two, whatever it comes to in all.

use std::{future::ready, io};

use axum::{
    body::{Body, Bytes},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use engine::Engine;
use futures_util::{
    StreamExt as _,
    stream::{once, try_unfold},
};
use ruma::UserId;
use serde::Serialize;
use views::{Rows, ViewFault};

use crate::error::ApiError;

/// A page is sent when it has so much JSON, bytes.
const PAGE_BYTES: usize = 128 << 10;
/// The most that one step adds to a page once it is nearly full, bytes: a PDU or the keys of a device, with what is shown beside it.
const STEP_BYTES: usize = 128 << 10;
/// What an answer in pages takes in memory, bytes: the page that is made, and the one before it that is being sent.
pub(crate) const PAGED_BYTES: usize = 2 * (PAGE_BYTES + STEP_BYTES);

/// The JSON of one page.
pub(crate) struct Page {
    json: Vec<u8>,
}

impl Page {
    /// Adds JSON as it is.
    pub(crate) fn push(&mut self, json: &str) {
        self.json.extend_from_slice(json.as_bytes());
    }

    /// Adds a value.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub(crate) fn value(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), ViewFault> {
        serde_json::to_writer(&mut self.json, value)
            .map_err(|error| ViewFault::caused("a part of an answer does not encode", error))
    }

    /// Whether it has enough: a step ends there.
    pub(crate) const fn is_full(&self) -> bool {
        self.json.len() >= PAGE_BYTES
    }
}

/// What an answer is made of, and how far it has come.
pub(crate) trait Paged: Send + Sized + 'static {
    /// For whom it is read.
    fn reader(&self) -> &UserId;

    /// Adds what comes next to the page, a few hundred rows at most, and no more once the page is full. Says whether that was all.
    ///
    /// Each step reads the rows as they are then. What changes between two steps is in the answer or not.
    ///
    /// # Errors
    /// Those of the endpoint: what the first page meets is answered as such, later the connection breaks off.
    fn step(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<bool, ApiError>;
}

/// The answer with all pages. One that is a single page has a length, as any other answer has.
///
/// # Errors
/// Those of the first page.
pub(crate) async fn answer(engine: Engine, paged: impl Paged) -> Result<Response, ApiError> {
    let (first, rest) = next(engine, paged).await?;
    let body = match rest {
        None => Body::from(first),
        Some(_) => {
            let rest = try_unfold(rest, async |rest| match rest {
                Some((engine, paged)) => {
                    next(engine, paged).await.map(Some).map_err(|_| io::Error::other("a page could not be read"))
                }
                None => Ok(None),
            });
            Body::from_stream(once(ready(Ok(first))).chain(rest))
        }
    };
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// The next page, and what comes behind it.
async fn next<P: Paged>(engine: Engine, mut paged: P) -> Result<(Bytes, Option<(Engine, P)>), ApiError> {
    let mut page = Page { json: Vec::new() };
    let mut is_last = false;
    while !is_last && !page.is_full() {
        is_last = read_step(&engine, &mut paged, &mut page).await?;
    }
    Ok((page.json.into(), if is_last { None } else { Some((engine, paged)) }))
}

async fn read_step<P: Paged>(engine: &Engine, paged: &mut P, page: &mut Page) -> Result<bool, ApiError> {
    let user = paged.reader().to_owned();
    engine.read(&user, |rows| paged.step(rows, page)).await
}
