//! What the latest messages of a chat say about calls that are over, for the sidebar: the library counts no calls.

use std::collections::HashSet;

use hearth_web_state::call::{CallLog, CallRecord, CallRow, Signal};
use js_sys::Date;
use matrix_sdk::{
    Room,
    deserialized_responses::TimelineEvent,
    ruma::events::receipt::{ReceiptThread, ReceiptType},
};
use serde_json::value::RawValue;

use super::calls::signal_kind;

/// The most messages of a chat that are looked through.
const MAX_LOOKED_AT: usize = 100;

/// Calls among a chat's latest messages.
#[derive(Debug, Default)]
pub(super) struct CallNews {
    /// The last one that is over.
    pub(super) latest: Option<CallRow>,
    /// How many were missed since one last read here.
    pub(super) missed: u64,
}

/// Looks through what is known of the chat already; asks the server nothing.
pub(super) async fn call_news(room: &Room) -> CallNews {
    let own_id = room.own_user_id();
    let mut read_up_to = HashSet::new();
    for kind in [ReceiptType::Read, ReceiptType::ReadPrivate] {
        if let Ok(Some((event_id, _))) = room.load_user_receipt(kind, &ReceiptThread::Unthreaded, own_id).await {
            read_up_to.insert(event_id);
        }
    }
    let Ok((cache, _guard)) = room.event_cache().await else { return CallNews::default() };
    let mut calls = CallLog::default();
    let mut unread = HashSet::new();
    let mut is_read = false;
    let mut looked_at = 0;
    let looked = cache
        .rfind_map_event_in_memory_by(|event| {
            looked_at += 1;
            let record = record_of(event);
            is_read |= event.event_id().is_some_and(|id| read_up_to.contains(id));
            // Who says something has read what was there before, unless nobody was asked about it.
            let is_said = !record.as_ref().is_some_and(CallRecord::is_automatic);
            is_read |= is_said && event.sender().is_some_and(|sender| sender == own_id);
            if let Some(record) = record {
                if !is_read {
                    unread.insert(record.event_id.clone());
                }
                calls.add(&record);
            }
            (looked_at >= MAX_LOOKED_AT).then_some(())
        })
        .await;
    if looked.is_err() {
        return CallNews::default();
    }
    let rows = calls.rows(own_id.as_str(), Date::now() as u64);
    let missed = rows.iter().filter(|row| row.is_missed() && unread.contains(&row.event_id)).count();
    CallNews { missed: missed as u64, latest: rows.into_iter().next_back() }
}

fn record_of(event: &TimelineEvent) -> Option<CallRecord> {
    let kind = signal_kind(event)?;
    let content: Box<RawValue> = event.raw().get_field("content").ok().flatten()?;
    Some(CallRecord {
        event_id: event.event_id()?.to_string(),
        sender: event.sender()?.to_string(),
        at_ms: event.timestamp_raw()?.get().into(),
        signal: Signal::parse(&kind, content.get()).ok()?,
    })
}
