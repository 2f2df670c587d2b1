//! What is known of the people in a chat: whether they are still who they were, and which of their devices get keys.
//!
//! A device is *confirmed* when its owner has signed it; a person is *verified* when one has compared emoji with them.

mod doubt;
mod seen;

pub use doubt::{Doubt, Doubts};
pub use seen::{Seen, Since};

use crate::text::isolated;

/// The most devices that are named.
const MAX_NAMED: usize = 3;

/// What is known of somebody's identity, the key that all their devices hang on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// Nothing yet.
    #[default]
    Unknown,
    /// They have none: their app has not set it up.
    Missing,
    /// The first one that the server named.
    Unverified,
    /// One has compared emoji with them.
    Verified,
    /// Another one than before.
    Changed,
    /// Another one than the one that was verified.
    Replaced,
}

/// Somebody else in a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// `@bob:example.org`.
    pub user_id: String,
    /// What they call themselves.
    pub name: String,
    /// Their identity.
    pub identity: Identity,
    /// The key of their identity, if they have one.
    pub key: Option<String>,
    /// How many of their devices they have confirmed.
    pub confirmed: usize,
    /// The other devices, by name.
    pub unconfirmed: Vec<String>,
}

/// A way on from a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Compare emoji.
    Compare,
    /// Take the new identity for good.
    GoOn,
}

/// What is to be seen before the next message goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Whom it is about: a user id.
    pub user_id: String,
    /// Their name.
    pub name: String,
    /// What is the case.
    pub text: String,
    /// The ways on.
    pub ways: &'static [Way],
    /// Whether nothing is sent until one was chosen.
    pub holds: bool,
}

impl Peer {
    fn warning(&self, doubt: Option<Doubt>) -> Option<Warning> {
        let name = isolated(&self.name);
        let (text, ways, holds): (String, &[Way], bool) = match (self.identity, doubt) {
            (Identity::Replaced, _) => (
                format!(
                    "The keys of {name} have changed since you compared emoji. {name} may have started afresh, or somebody may pretend to be {name}. Nothing is sent until you decide."
                ),
                &[Way::Compare, Way::GoOn],
                true,
            ),
            (Identity::Verified, _) => return self.device_warning(),
            (_, Some(Doubt::Differed)) => (
                format!(
                    "The emoji you compared with {name} didn’t match. Somebody may be in between. Nothing is sent until you decide."
                ),
                &[Way::Compare, Way::GoOn],
                true,
            ),
            (_, Some(Doubt::Open)) => (
                format!("You have not finished comparing emoji with {name}. Nothing is sent until you decide."),
                &[Way::Compare, Way::GoOn],
                true,
            ),
            (Identity::Changed, None) => (
                format!(
                    "The keys of {name} have changed. {name} may have started afresh, or somebody may pretend to be {name}."
                ),
                &[Way::Compare, Way::GoOn],
                false,
            ),
            (Identity::Missing, None) => (
                format!(
                    "The app of {name} hasn’t set up an identity, so it gets no keys: {name} can’t read what you write until it has."
                ),
                &[],
                false,
            ),
            (Identity::Unknown | Identity::Unverified, None) => return self.device_warning(),
        };
        Some(Warning { user_id: self.user_id.clone(), name: self.name.clone(), text, ways, holds })
    }

    fn device_warning(&self) -> Option<Warning> {
        if self.unconfirmed.is_empty() || self.identity == Identity::Unknown {
            return None;
        }
        let name = isolated(&self.name);
        let text = match self.unconfirmed.len() {
            1 => format!(
                "{name} has not confirmed a device: {}. It gets no keys and can’t read what you write.",
                self.named()
            ),
            count => {
                format!(
                    "{name} has not confirmed {count} devices: {}. They get no keys and can’t read what you write.",
                    self.named()
                )
            }
        };
        Some(Warning { user_id: self.user_id.clone(), name: self.name.clone(), text, ways: &[], holds: false })
    }

    /// The devices without keys, by name.
    fn named(&self) -> String {
        let mut names: Vec<String> = self.unconfirmed.iter().take(MAX_NAMED).map(|name| isolated(name)).collect();
        if self.unconfirmed.len() > MAX_NAMED {
            names.push(format!("{} more", self.unconfirmed.len() - MAX_NAMED));
        }
        names.join(", ")
    }

    /// Whether one has compared emoji with them, for the page behind the lock.
    pub fn standing(&self) -> String {
        let name = isolated(&self.name);
        match self.identity {
            Identity::Unknown => format!("Nothing is known of the keys of {name} yet."),
            Identity::Missing => format!("The app of {name} hasn’t set up an identity."),
            Identity::Unverified => {
                format!("Not verified. Compare emoji to be certain that it is {name}, and that nobody is in between.")
            }
            Identity::Verified => format!("Verified. You and {name} have compared emoji."),
            Identity::Changed => format!("The keys of {name} have changed, and you have not compared emoji."),
            Identity::Replaced => format!("The keys of {name} have changed since you compared emoji."),
        }
    }

    /// Which devices get keys, for the page behind the lock.
    pub fn devices(&self) -> String {
        let name = isolated(&self.name);
        let get = match self.confirmed {
            0 => format!("No device of {name} gets keys."),
            1 => format!("Keys go to one device, which {name} has confirmed."),
            count => format!("Keys go to {count} devices, which {name} has confirmed."),
        };
        if self.unconfirmed.is_empty() { get } else { format!("{get} Not to: {}.", self.named()) }
    }

    /// Whether emoji can be compared with them.
    pub fn can_compare(&self) -> bool {
        !matches!(self.identity, Identity::Unknown | Identity::Missing | Identity::Verified)
    }
}

/// The most serious of what is to be seen before the next message goes out.
pub fn warning(peers: &[Peer], doubts: &Doubts) -> Option<Warning> {
    let all = peers.iter().filter_map(|peer| peer.warning(doubts.of(&peer.user_id)));
    all.max_by_key(|warning| (warning.holds, !warning.ways.is_empty()))
}

/// Whether this device is confirmed, without which it sends nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirmation {
    /// Not known yet.
    #[default]
    Unknown,
    /// One's identity has signed it.
    Confirmed,
    /// It has not; by another device or the recovery key it would.
    Unconfirmed,
}

#[cfg(test)]
mod tests {
    use super::{Doubt, Doubts, Identity as I, Peer, Way, warning};

    fn peer(name: &str, identity: I) -> Peer {
        Peer { user_id: format!("@{name}:h"), name: name.to_owned(), identity, confirmed: 1, ..Peer::default() }
    }

    #[test]
    fn only_what_matters_is_said_above_the_composer() {
        let doubts = Doubts::default();
        for fine in [I::Unknown, I::Unverified, I::Verified] {
            assert_eq!(warning(&[peer("bob", fine)], &doubts), None);
        }
        let held = |identity| warning(&[peer("bob", identity)], &doubts).map(|warning| (warning.holds, warning.ways.len()));
        assert_eq!(held(I::Replaced), Some((true, 2)));
        assert_eq!(held(I::Changed), Some((false, 2)));
        assert_eq!(held(I::Missing), Some((false, 0)));
    }

    #[test]
    fn a_device_without_keys_is_named() {
        let mut bob = peer("bob", I::Verified);
        bob.unconfirmed = vec!["Spy".into()];
        let found = warning(std::slice::from_ref(&bob), &Doubts::default()).unwrap();
        assert!(found.text.contains("Spy") && found.text.contains("gets no keys") && !found.holds);
        assert!(bob.devices().contains("one device") && bob.devices().contains("Spy"));
        bob.unconfirmed = (0..5).map(|at| format!("D{at}")).collect();
        let found = warning(&[bob], &Doubts::default()).unwrap();
        assert!(found.text.contains("5 devices") && found.text.contains("D2") && found.text.contains("2 more"));
    }

    #[test]
    fn the_most_serious_comes_first() {
        let people = [peer("ann", I::Missing), peer("bob", I::Replaced), peer("cid", I::Changed)];
        assert_eq!(warning(&people, &Doubts::default()).map(|warning| warning.user_id).as_deref(), Some("@bob:h"));
        assert_eq!(warning(&people[..1], &Doubts::default()).map(|warning| warning.name).as_deref(), Some("ann"));
    }

    #[test]
    fn a_doubt_holds_until_it_is_settled() {
        let mut doubts = Doubts::default();
        doubts.set("@bob:h", Doubt::Open);
        let people = [peer("bob", I::Unverified)];
        let found = warning(&people, &doubts).unwrap();
        assert!(found.holds && found.ways == [Way::Compare, Way::GoOn]);
        doubts.set("@bob:h", Doubt::Differed);
        assert!(warning(&people, &doubts).unwrap().text.contains("didn’t match"));
        assert_eq!(warning(&[peer("bob", I::Verified)], &doubts), None, "who was verified meanwhile is in no doubt");
        doubts.settle("@bob:h");
        assert_eq!(warning(&people, &doubts), None);
    }

    #[test]
    fn the_page_behind_the_lock_says_verified_exactly_when_it_is() {
        for identity in [I::Unknown, I::Missing, I::Unverified, I::Changed, I::Replaced] {
            assert!(!peer("bob", identity).standing().starts_with("Verified"));
        }
        assert!(peer("bob", I::Verified).standing().starts_with("Verified"));
        assert!(!peer("bob", I::Verified).can_compare() && peer("bob", I::Unverified).can_compare());
    }
}
