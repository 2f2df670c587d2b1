//! What a person's lane knows of their cross-signing keys.

use ruma::CanonicalJsonObject;
use serde::{Deserialize, Serialize};

use crate::Fact;

/// The current cross-signing keys, without signatures that were added later.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct CrossSigningState {
    /// Signs the other two.
    pub master: Option<CanonicalJsonObject>,
    /// Signs the person's own devices.
    pub self_signing: Option<CanonicalJsonObject>,
    /// Signs the master keys of other people.
    pub user_signing: Option<CanonicalJsonObject>,
}

impl CrossSigningState {
    /// Takes a fact in; those that are not about cross-signing leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Fact::CrossSigningKeysUploaded(uploaded) = fact else { return };
        for (current, new) in [
            (&mut self.master, &uploaded.master),
            (&mut self.self_signing, &uploaded.self_signing),
            (&mut self.user_signing, &uploaded.user_signing),
        ] {
            if new.is_some() {
                current.clone_from(new);
            }
        }
    }
}
