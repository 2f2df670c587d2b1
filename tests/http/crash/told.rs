//! What clients were told: the promises that the server is held to.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use reqwest::Method;

use super::{
    scene::Scene,
    traffic::{PASSING, Request, marker},
};

/// Everything that was acknowledged, by the ids of the requests.
#[derive(Default)]
pub(super) struct Told {
    /// Messages with their event ids.
    messages: BTreeMap<String, String>,
    /// Messages to Bob's device.
    pub(super) to_device: BTreeSet<String>,
    /// Messages that were taken back or let expire.
    pub(super) erased: BTreeSet<String>,
    /// Keys that were given out.
    claimed: BTreeSet<String>,
}

impl Told {
    pub(super) fn acknowledged(&self) -> usize {
        self.messages.len() + self.to_device.len()
    }

    /// A message was acknowledged. A repeated request is told the same event.
    pub(super) fn message(&mut self, id: &str, event_id: &str) -> Result<()> {
        let known = self.messages.entry(id.to_owned()).or_insert_with(|| event_id.to_owned());
        ensure!(known == event_id, "{id} was acknowledged as {known} and as {event_id}");
        Ok(())
    }

    /// The event of an acknowledged message.
    pub(super) fn event(&self, id: &str) -> Result<&String> {
        self.messages.get(id).with_context(|| format!("{id} was not acknowledged"))
    }

    /// A key was given out, which happens once.
    pub(super) fn claim(&mut self, key_id: &str) -> Result<()> {
        ensure!(self.claimed.insert(key_id.to_owned()), "{key_id} was given out twice");
        Ok(())
    }

    /// Adds what another client was told.
    pub(super) fn add(&mut self, other: Self) -> Result<()> {
        self.messages.extend(other.messages);
        self.to_device.extend(other.to_device);
        self.erased.extend(other.erased);
        other.claimed.iter().try_for_each(|key_id| self.claim(key_id))
    }

    /// A message of this round that is still there.
    pub(super) fn newest_message(&self, round: u64) -> Option<Request> {
        let of_round = format!("{round}-");
        let mut of_round = self.messages.keys().rev().filter(|id| id.starts_with(&of_round) && !self.erased.contains(*id));
        of_round.next().cloned().map(Request::Message)
    }

    /// The room's history has every acknowledged message that was not erased under its event id, and none twice.
    pub(super) async fn check_room(&self, scene: &Scene) -> Result<()> {
        let (mut found, mut from) = (BTreeMap::new(), String::new());
        loop {
            let path = format!("v3/rooms/{}/messages?dir=b&limit=200{from}", scene.room);
            let page = scene.bob.demand(Method::GET, &path, None).await?;
            for event in page["chunk"].as_array().context("a chunk")? {
                if let Some(marker) = event["content"]["ciphertext"].as_str() {
                    let event_id = event["event_id"].as_str().context("an event id")?;
                    let twice = found.insert(marker.to_owned(), event_id.to_owned());
                    ensure!(twice.is_none(), "{marker} is in the room twice");
                }
            }
            match page["end"].as_str() {
                Some(end) => from = format!("&from={end}"),
                None => break,
            }
        }
        let kept = self.messages.iter().filter(|(id, _)| !self.erased.contains(*id));
        let kept: BTreeMap<_, _> = kept.map(|(id, event_id)| (marker(id), event_id.clone())).collect();
        let lost: Vec<_> = kept.iter().filter(|kept| found.get(kept.0) != Some(kept.1)).collect();
        let strange: Vec<_> = found.iter().filter(|found| !kept.contains_key(found.0)).collect();
        ensure!(lost.is_empty() && strange.is_empty(), "lost: {lost:?}; nobody was told of, or erased: {strange:?}");
        Ok(())
    }

    /// Bob's device gets every acknowledged message once.
    pub(super) async fn check_inbox(&self, scene: &Scene) -> Result<()> {
        let (mut received, mut since) = (BTreeSet::new(), String::new());
        loop {
            let page = scene.bob.demand(Method::GET, &format!("v3/sync?timeout=0{since}"), None).await?;
            let events = page["to_device"]["events"].as_array().cloned().unwrap_or_default();
            if events.is_empty() && !since.is_empty() {
                break;
            }
            for event in &events {
                let marker = event["content"]["ciphertext"].as_str().context("a marker")?;
                ensure!(received.insert(marker.to_owned()), "{marker} came twice");
            }
            since = format!("&since={}", page["next_batch"].as_str().context("a token")?);
        }
        ensure!(received == self.to_device, "{} arrived, {} were acknowledged", received.len(), self.to_device.len());
        Ok(())
    }

    /// Nothing of what was erased is in the export.
    pub(super) fn check_erased(&self, export: &str) -> Result<()> {
        let there: BTreeSet<String> = export.split(PASSING).skip(1).filter_map(id_at_start).collect();
        let kept = self.messages.keys().find(|id| !self.erased.contains(*id)).context("a message that is kept")?;
        ensure!(export.contains(&marker(kept)), "the export does not show what messages say");
        let left: Vec<_> = self.erased.intersection(&there).collect();
        ensure!(left.is_empty(), "erased, and still in the log: {left:?}");
        Ok(())
    }
}

/// The id that a marker goes on with.
fn id_at_start(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(4, '-').take(3).collect();
    Some(parts.join("-")).filter(|id| id.len() < text.len())
}
