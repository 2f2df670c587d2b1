//! The token that says how far a client has come, wherever it is given out: a position in the log, and for syncs a number
//! for what is never recorded. Nothing else prints or parses one.

use std::{fmt, str::FromStr};

/// Behind every position that a log can have: what "now" is where a position is asked for.
pub const END: u64 = u64::MAX - 1;

/// `s<position>_<typing>`, and `s<position>` where no typing was told, as on pages of a timeline.
///
/// It stands right behind its position: backwards from it comes the position itself, forwards the ones after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncToken {
    /// Everything up to here was told. At most [`END`].
    pub position: u64,
    /// The newest change of typing that was told. A server that restarted counts anew.
    pub typing: u64,
}

/// The text is not a token of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this server")]
pub struct BadToken;

impl SyncToken {
    /// The token right behind a position.
    #[must_use]
    pub const fn at(position: u64) -> Self {
        Self { position, typing: 0 }
    }

    /// The token right in front of a position.
    #[must_use]
    pub const fn before(position: u64) -> Self {
        Self::at(position.saturating_sub(1))
    }
}

impl fmt::Display for SyncToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { position, typing: 0 } => write!(f, "s{position}"),
            Self { position, typing } => write!(f, "s{position}_{typing}"),
        }
    }
}

impl FromStr for SyncToken {
    type Err = BadToken;

    fn from_str(text: &str) -> Result<Self, BadToken> {
        let rest = text.strip_prefix('s').ok_or(BadToken)?;
        let (position, typing) = rest.split_once('_').unwrap_or((rest, "0"));
        let number = |text: &str| text.parse::<u64>().map_err(|_| BadToken);
        Ok(Self { position: number(position)?.min(END), typing: number(typing)? })
    }
}

#[cfg(test)]
mod tests {
    use super::{BadToken, END, SyncToken};

    #[test]
    fn tokens_round_trip() {
        for (token, text) in [
            (SyncToken { position: 42, typing: 7 }, "s42_7"),
            (SyncToken::at(42), "s42"),
            (SyncToken::before(42), "s41"),
            (SyncToken::before(0), "s0"),
        ] {
            assert_eq!((token.to_string().as_str(), text.parse()), (text, Ok(token)));
        }
        assert_eq!("s42_0".parse(), Ok(SyncToken::at(42)));
        assert_eq!(format!("s{}", u64::MAX).parse(), Ok(SyncToken::at(END)), "one more would be none");
        for bad in ["", "42", "s", "sx", "s1_", "s1_x", "s-1", "s1_2_3", "s18446744073709551616"] {
            assert_eq!(bad.parse::<SyncToken>(), Err(BadToken), "{bad}");
        }
    }
}
