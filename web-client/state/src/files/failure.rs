//! What goes wrong with a file, in plain words with a way out.

use super::size::in_words;
use crate::trouble::Trouble;

/// Why a file was not sent, or is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Larger than the server takes.
    TooLarge {
        /// The most bytes that it takes, if it said.
        max: Option<u64>,
    },
    /// The person has used up what the server keeps of one.
    NoRoom,
    /// The server's disk is full.
    ServerFull,
    /// This device has no room for the file.
    DiskFull,
    /// What was picked cannot be read any more.
    Unreadable,
    /// The browser cannot show the picture, and so cannot make it anew.
    UnknownPicture,
    /// Browsers encrypt only in pages that came safely.
    NotTrusted,
    /// What came is not what was sent.
    Damaged,
    /// The server has no such file.
    Gone,
    /// Anything that can happen to other requests too.
    Other(Trouble),
}

impl Failure {
    /// Of the answer to an upload; a status of 0 means that there was none. `max` is the most bytes that the server takes.
    pub fn of_upload(status: u16, errcode: Option<&str>, retry_after_ms: Option<u64>, max: Option<u64>) -> Self {
        match (status, errcode) {
            (0, _) => Self::Other(Trouble::Unreachable),
            (413, _) | (_, Some("M_TOO_LARGE")) => Self::TooLarge { max },
            (403, Some("M_FORBIDDEN")) => Self::NoRoom,
            (507, _) => Self::ServerFull,
            _ => Self::Other(Trouble::from_answer(status, errcode, retry_after_ms)),
        }
    }

    /// Of the answer to a download.
    pub fn of_download(status: u16) -> Self {
        match status {
            404 => Self::Gone,
            401 => Self::Other(Trouble::SessionEnded),
            _ => Self::Other(Trouble::from_answer(status, None, None)),
        }
    }

    /// What to show.
    pub fn words(self) -> String {
        let text = match self {
            Self::TooLarge { max: Some(max) } => return format!("This server takes files of up to {}.", in_words(max)),
            Self::TooLarge { max: None } => "This server takes no file that large.",
            Self::NoRoom => "You have no room left for this file on the server.",
            Self::ServerFull => "The server has no room left. Ask the person who runs it.",
            Self::DiskFull => "This device has no room left for the file. Make some and try again.",
            Self::Unreadable => "The file can’t be read any more. Pick it again.",
            Self::UnknownPicture => {
                "This browser can’t read the picture, so the details in it, such as where it was taken, can’t be removed."
            }
            Self::NotTrusted => "Files need a page that the browser trusts: open Hearth by https, or on this machine.",
            Self::Damaged => "What the server gave is not the file that was sent, so it isn’t shown.",
            Self::Gone => "The server no longer has this file.",
            Self::Other(trouble) => return trouble.words(),
        };
        text.to_owned()
    }

    /// What the button that tries once more says; `None` when that would only fail again.
    pub fn way_on(self) -> Option<&'static str> {
        match self {
            Self::UnknownPicture => Some("Send it as it is"),
            Self::TooLarge { .. } | Self::Unreadable | Self::NotTrusted => None,
            _ => Some("Try again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure as F;
    use crate::trouble::Trouble;

    #[test]
    fn answers_become_failures() {
        let max = Some(50 * 1024 * 1024);
        for (status, errcode, expected) in [
            (0, None, F::Other(Trouble::Unreachable)),
            (413, None, F::TooLarge { max }),
            (403, Some("M_FORBIDDEN"), F::NoRoom),
            (507, Some("M_UNKNOWN"), F::ServerFull),
            (401, Some("M_UNKNOWN_TOKEN"), F::Other(Trouble::SessionEnded)),
            (500, None, F::Other(Trouble::Server)),
        ] {
            assert_eq!(F::of_upload(status, errcode, None, max), expected);
        }
        assert_eq!(F::of_download(404), F::Gone);
        assert_eq!(F::of_download(502), F::Other(Trouble::Server));
    }

    #[test]
    fn what_can_help_is_offered() {
        assert!(F::TooLarge { max: Some(50 * 1024 * 1024) }.words().contains("50 MB"));
        assert_eq!(F::TooLarge { max: None }.way_on(), None);
        assert_eq!(F::UnknownPicture.way_on(), Some("Send it as it is"));
        assert_eq!(F::Other(Trouble::Unreachable).way_on(), Some("Try again"));
    }
}
