//! The token that says how far a client has come: a position in the log, and a number for what is never recorded.

use std::{fmt, str::FromStr};

/// `s<position>_<typing>`, or `s<position>` as other endpoints give it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncToken {
    /// Everything up to here was told.
    pub position: u64,
    /// The newest change of typing that was told. A server that restarted counts anew.
    pub typing: u64,
}

/// The text is not a token of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this server")]
pub struct BadToken;

impl fmt::Display for SyncToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}_{}", self.position, self.typing)
    }
}

impl FromStr for SyncToken {
    type Err = BadToken;

    fn from_str(text: &str) -> Result<Self, BadToken> {
        let rest = text.strip_prefix('s').ok_or(BadToken)?;
        let (position, typing) = rest.split_once('_').unwrap_or((rest, "0"));
        let number = |text: &str| text.parse().map_err(|_| BadToken);
        Ok(Self { position: number(position)?, typing: number(typing)? })
    }
}

#[cfg(test)]
mod tests {
    use super::{BadToken, SyncToken};

    #[test]
    fn tokens_round_trip() {
        let token = SyncToken { position: 42, typing: 7 };
        assert_eq!(token.to_string().parse(), Ok(token));
        assert_eq!("s42".parse(), Ok(SyncToken { position: 42, typing: 0 }));
        for bad in ["", "42", "s", "sx", "s1_", "s1_x", "s-1", "s1_2_3"] {
            assert_eq!(bad.parse::<SyncToken>(), Err(BadToken), "{bad}");
        }
    }
}
