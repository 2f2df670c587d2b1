//! The `pos` of sliding sync: the number of an answer that is held in memory, and what its connection is made anew from when it is not.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    str::FromStr,
};

use ruma::api::client::sync::sync_events::v5::Request;

use crate::extract::Sender;

/// `<number>`, and `<number>_<position>_<digest>` where the answer had all rooms in its windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pos {
    /// Of the answer, among those of this process.
    pub(super) number: u64,
    /// From what the connection can be made anew.
    pub(super) whole: Option<Whole>,
}

/// An answer with all rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    /// The position in the log up to which it told.
    pub(super) position: u64,
    /// Of whose it is, and of what was wanted of the rooms.
    pub(super) digest: u64,
}

impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole {
            None => write!(f, "{}", self.number),
            Some(Whole { position, digest }) => write!(f, "{}_{position}_{digest:x}", self.number),
        }
    }
}

impl FromStr for Pos {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((number, rest)) = text.split_once('_') else { return Ok(Self { number: text.parse()?, whole: None }) };
        let (position, digest) = rest.split_once('_').unwrap_or((rest, ""));
        let whole = Whole { position: position.parse()?, digest: u64::from_str_radix(digest, 16)? };
        Ok(Self { number: number.parse()?, whole: Some(whole) })
    }
}

/// Of whose a connection is, and of what a request wants of the rooms, but for how far its windows go. It only has to be the same for the
/// same: whoever makes up another one is told wrong things about their own rooms.
pub(super) fn digest(sender: &Sender, request: &Request) -> u64 {
    let mut lists = request.lists.clone();
    lists.values_mut().for_each(|list| list.ranges.clear());
    let wants = (&request.conn_id, lists, &request.room_subscriptions);
    let mut hasher = DefaultHasher::new();
    (&sender.user_id, &sender.device_id).hash(&mut hasher);
    // What has no JSON form cannot have come as JSON.
    serde_json::to_vec(&wants).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{Pos, Whole};

    #[test]
    fn a_pos_is_read_as_it_was_given_out() {
        for whole in [None, Some(Whole { position: 7, digest: u64::MAX }), Some(Whole { position: 0, digest: 0 })] {
            let pos = Pos { number: 9, whole };
            assert_eq!(pos.to_string().parse(), Ok(pos));
        }
        for text in ["", "x", "-1", "1_", "1_2", "1_2_", "1_2_g", "1_2_3_4", "s1_2_3", "1_2_11111111111111111"] {
            assert!(text.parse::<Pos>().is_err(), "{text}");
        }
    }
}
