//! The `pos` of sliding sync: the number of an answer that is held in memory, and what its connection is made anew from when it is not.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    str::FromStr,
};

use ruma::api::client::sync::sync_events::v5::Request;
use views::sync::sliding::Coverage;

use crate::extract::Sender;

/// In front of the digest where an answer had not all rooms in its windows; no hexadecimal digit.
const OF_WINDOWS: char = 'w';

/// `<number>_<position>_<digest>`, and `<number>_<position>_w<digest>` where the answer had not all rooms in its windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pos {
    /// Of the answer, among those of this process.
    pub(super) number: u64,
    /// The position in the log up to which it told.
    pub(super) position: u64,
    /// Of which rooms.
    pub(super) coverage: Coverage,
    /// Of whose it is, and of what was wanted.
    pub(super) digest: u64,
}

impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, position, coverage, digest } = self;
        match coverage {
            Coverage::All => write!(f, "{number}_{position}_{digest:x}"),
            Coverage::Windows => write!(f, "{number}_{position}_{OF_WINDOWS}{digest:x}"),
        }
    }
}

impl FromStr for Pos {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, rest) = text.split_once('_').unwrap_or((text, ""));
        let (position, digest) = rest.split_once('_').unwrap_or((rest, ""));
        let (coverage, digest) = match digest.strip_prefix(OF_WINDOWS) {
            None => (Coverage::All, digest),
            Some(digest) => (Coverage::Windows, digest),
        };
        let (number, position) = (number.parse()?, position.parse()?);
        Ok(Self { number, position, coverage, digest: u64::from_str_radix(digest, 16)? })
    }
}

/// Of whose a connection is, and of what a request wants of the rooms; of how far its windows go, too, unless all rooms stood in them. It
/// only has to be the same for the same: whoever makes up another one is told wrong things about their own rooms.
pub(super) fn digest(sender: &Sender, request: &Request, coverage: Coverage) -> u64 {
    let mut lists = request.lists.clone();
    if coverage == Coverage::All {
        lists.values_mut().for_each(|list| list.ranges.clear());
    }
    let wants = (&request.conn_id, lists, &request.room_subscriptions);
    let mut hasher = DefaultHasher::new();
    (&sender.user_id, &sender.device_id).hash(&mut hasher);
    // What has no JSON form cannot have come as JSON.
    serde_json::to_vec(&wants).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use views::sync::sliding::Coverage;

    use super::Pos;

    #[test]
    fn a_pos_is_read_as_it_was_given_out() {
        for coverage in [Coverage::All, Coverage::Windows] {
            for (position, digest) in [(7, u64::MAX), (0, 0)] {
                let pos = Pos { number: 9, position, coverage, digest };
                assert_eq!(pos.to_string().parse(), Ok(pos));
            }
        }
        for text in [
            "",
            "x",
            "-1",
            "7",
            "1_",
            "1_2",
            "1_2_",
            "1_2_g",
            "1_2_w",
            "1_2_3w",
            "1_2_ww3",
            "1_2_3_4",
            "s1_2_3",
            "1_2_11111111111111111",
        ] {
            assert!(text.parse::<Pos>().is_err(), "{text}");
        }
    }
}
