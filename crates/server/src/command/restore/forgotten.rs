//! Who was erased since a backup was made: newer backups in the folder know it, and an older one that is restored must not bring them back.
//! Their accounts are closed once more in the restored log; the server that starts on it erases what follows from that.

use ::backup::{Backup, Folder, age::Identity};
use anyhow::{Result, anyhow, bail};
use domain::{
    Aggregate as _, Command as _, Context, Decision, Entropy, Fact, Policy, Stream,
    directory::By,
    lookup::NothingKnown,
    user::{UserState, admin::DeactivateByAdmin},
};
use engine::FactDecoder;
use event_log::{Position, Reader};
use projection::{Decode as _, Decoded};
use ruma::{MilliSecondsSinceUnixEpoch, OwnedUserId, signatures::Ed25519KeyPair};

use crate::{command::backup::FORGOTTEN, console::complain};

/// The version of the records that say that a person was forgotten.
const FORGOTTEN_VERSION: u16 = 1;

/// Whom the newest backup of the folder knows to be erased behind the end of another. A newest one that does not read keeps nobody from
/// restoring the one before it.
pub(super) fn since(folder: &Folder, backup: &Backup<'_>, identity: Option<Identity>) -> Result<Vec<OwnedUserId>> {
    let told = Backup::find(folder, None, identity).and_then(|newest| {
        if newest.manifest().number <= backup.manifest().number {
            return Ok(Vec::new());
        }
        newest.payloads(FORGOTTEN, backup.manifest().head.position)
    });
    let payloads = told.unwrap_or_else(|fault| {
        complain(&format!("who was erased since this backup is not known, because the newest one does not read: {fault}"));
        Vec::new()
    });
    let mut people = Vec::new();
    for payload in payloads {
        let Fact::AccountErased(erased) = Fact::decode(FORGOTTEN, FORGOTTEN_VERSION, &payload)? else {
            bail!("{} is another fact", FORGOTTEN)
        };
        if !people.contains(&erased.user_id) {
            people.push(erased.user_id);
        }
    }
    Ok(people)
}

/// The facts that close the accounts of these people to be erased, a list for each whom the log knows.
pub(super) fn closing(
    log: &Reader,
    people: &[OwnedUserId],
    signing_key: &Ed25519KeyPair,
) -> Result<Vec<Vec<(Stream, Fact)>>> {
    let mut closing = Vec::new();
    for user_id in people {
        let mut state = UserState::default();
        for page in log.pages(Position(1)).of_stream(Stream::User(user_id.clone()).to_string()) {
            for record in page?.iter().filter(|record| record.bytes().is_some()) {
                if let Decoded::Fact(fact) = FactDecoder.decode(record)? {
                    state.evolve(&fact);
                }
            }
        }
        // Whoever signed up later is not in it.
        if state.account.active().is_err() && !state.account.is_deactivated() {
            continue;
        }
        closing.extend(close(&state, user_id, signing_key)?);
    }
    Ok(closing)
}

fn close(state: &UserState, user_id: &OwnedUserId, signing_key: &Ed25519KeyPair) -> Result<Option<Vec<(Stream, Fact)>>> {
    let context = Context {
        now: MilliSecondsSinceUnixEpoch::now(),
        // Nothing is made by dice here.
        entropy: Entropy::new([0; 32]),
        server_name: user_id.server_name(),
        signing_key,
        policy: &Policy::default(),
        lookup: &NothingKnown,
    };
    let command = DeactivateByAdmin { by: By::Operator, user_id: user_id.clone(), erase: true };
    let decided = command.decide(state, &context).map_err(|refused| anyhow!("{user_id} cannot be erased: {refused}"))?;
    let own = Stream::User(user_id.clone());
    Ok(match decided {
        Decision::Accept { facts, .. } => Some(facts.into_iter().map(|fact| fact.on(&own)).collect()),
        Decision::AlreadyDone(()) => None,
    })
}
