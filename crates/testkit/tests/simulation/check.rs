//! What must hold after each crash and at the end.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use domain::Fact;
use event_log::{Position, Reader, verify_log};
use testkit::Node;

use crate::ledger::Ledger;

/// Holds the server to its promises.
pub(crate) fn promises(node: &Node, ledger: &Ledger) -> Result<()> {
    verify_log(node.tree()?, &mut |_| {}).context("the log does not verify")?;
    let facts = facts(node.engine()?.log())?;
    messages(&facts, ledger)?;
    claims(&facts)?;
    let difference = node.replay_difference()?;
    ensure!(difference.is_none(), "folding the log anew gives other rows: {difference:?}");
    let lanes = node.check_snapshots()?;
    ensure!(lanes.different.is_empty() && lanes.passed_over == 0, "lanes start in another state from snapshots: {lanes:?}");
    Ok(())
}

/// At the end, when all requests were repeated until they succeeded, every message to a device has arrived.
pub(crate) fn deliveries(ledger: &Ledger) -> Result<()> {
    let lost: Vec<_> = ledger.sent.difference(&ledger.received).collect();
    ensure!(lost.is_empty(), "messages to devices were lost: {lost:?}");
    let strange: Vec<_> = ledger.received.difference(&ledger.sent).collect();
    ensure!(strange.is_empty(), "messages arrived that nobody sent: {strange:?}");
    Ok(())
}

/// Every fact of the log whose payload is still there.
fn facts(log: &Reader) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    for page in log.pages(Position(1)) {
        for record in &page? {
            let header = &record.header;
            if let Some(payload) = record.bytes()
                && !header.kind.starts_with("log.")
            {
                facts.push(Fact::decode(&header.kind, header.kind_version, payload)?);
            }
        }
    }
    Ok(facts)
}

/// Every acknowledged message is in the log once, and no message is there twice.
fn messages(facts: &[Fact], ledger: &Ledger) -> Result<()> {
    let mut found = BTreeMap::new();
    for fact in facts {
        if let Fact::PduAdded(added) = fact
            && let Some(key) = &added.transaction
        {
            let twice = found.insert(key.clone(), added.pdu.event_id.clone());
            ensure!(twice.is_none(), "{key:?} is in the log twice");
        }
    }
    for (key, event_id) in &ledger.messages {
        ensure!(
            found.get(key) == Some(event_id),
            "{key:?}, acknowledged as {event_id}, is in the log as {:?}",
            found.get(key)
        );
    }
    Ok(())
}

/// No one-time key was claimed twice.
fn claims(facts: &[Fact]) -> Result<()> {
    let mut claimed = BTreeSet::new();
    for fact in facts {
        if let Fact::OneTimeKeysClaimed(fact) = fact {
            for (device_id, key_id) in &fact.keys {
                ensure!(claimed.insert((&fact.user_id, device_id, key_id)), "{key_id} of {device_id} was claimed twice");
            }
        }
    }
    Ok(())
}
