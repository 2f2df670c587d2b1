//! How far a file on its way has come, in words and as a bar.

use super::failure::Failure;

/// How far a file on its way has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Others go first.
    Waiting,
    /// It is being looked at, and made smaller.
    Preparing,
    /// It is being encrypted; how much of it, in percent.
    Encrypting(u8),
    /// It is being sent; how much of it, in percent.
    Uploading(u8),
    /// The server has asked for a pause.
    Pausing,
    /// It was not sent.
    Failed(Failure),
}

impl Stage {
    /// What to show.
    pub fn words(self) -> String {
        match self {
            Self::Waiting => "Waiting…".to_owned(),
            Self::Preparing => "Preparing…".to_owned(),
            Self::Encrypting(percent) => format!("Encrypting… {percent} %"),
            Self::Uploading(percent) => format!("Sending… {percent} %"),
            Self::Pausing => "The server asks for a pause…".to_owned(),
            Self::Failed(failure) => failure.words(),
        }
    }

    /// Whether it stands at a picture that the browser cannot read.
    pub(super) fn is_unknown_picture(self) -> bool {
        self == Self::Failed(Failure::UnknownPicture)
    }

    /// The length of its bar in percent: encrypting is the smaller part of the way.
    pub fn percent(self) -> u8 {
        match self {
            Self::Encrypting(percent) => percent / 4,
            Self::Uploading(percent) => 25 + percent / 4 * 3,
            Self::Pausing => 25,
            Self::Waiting | Self::Preparing | Self::Failed(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn the_bar_only_grows() {
        let way = [Stage::Waiting, Stage::Encrypting(0), Stage::Encrypting(100), Stage::Uploading(0), Stage::Uploading(100)];
        let lengths = way.map(Stage::percent);
        assert!(lengths.is_sorted() && lengths[4] == 100, "{lengths:?}");
    }
}
