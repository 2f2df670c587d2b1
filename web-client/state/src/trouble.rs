//! What went wrong, in plain words with a way out. Built from a server's answer or from the lack of one.

/// A failure as a person meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer from the server.
    Unreachable,
    /// Username, e-mail or password do not fit together.
    WrongPassword,
    /// The username belongs to someone.
    UsernameTaken,
    /// The server does not take this username.
    UsernameRefused,
    /// The e-mail address belongs to an account already.
    EmailTaken,
    /// The server wants a better password.
    WeakPassword,
    /// The server takes no new accounts.
    RegistrationClosed,
    /// The invite that the person came with does not count any more.
    InviteOver,
    /// Nobody signs up on this server without an invite.
    InviteNeeded,
    /// Too many tries.
    TooManyTries {
        /// Whole seconds until the next try, when the server said.
        retry_after_s: Option<u64>,
    },
    /// The account was switched off.
    Deactivated,
    /// The session is over; the person must log in again.
    SessionEnded,
    /// The recovery key is not the right one.
    WrongRecoveryKey,
    /// No other device could confirm this one.
    NoOtherDevice,
    /// Nobody by that name.
    NoSuchPerson,
    /// The browser keeps no data (private window, blocked storage).
    NoStorage,
    /// A chat is not encrypted, so nothing is sent into it.
    NotEncrypted,
    /// The message is longer than a chat takes.
    TooLong,
    /// The person may not do this.
    NotAllowed,
    /// The server has no such service.
    NotOffered,
    /// The server failed.
    Server,
    /// Anything else.
    Unknown,
}

impl Trouble {
    /// Reads the HTTP status, Matrix error code and `retry_after_ms` of an answer.
    pub fn from_answer(status: u16, errcode: Option<&str>, retry_after_ms: Option<u64>) -> Self {
        match errcode {
            Some("M_USER_IN_USE" | "M_EXCLUSIVE") => Self::UsernameTaken,
            Some("M_INVALID_USERNAME") => Self::UsernameRefused,
            Some("M_THREEPID_IN_USE") => Self::EmailTaken,
            Some("M_WEAK_PASSWORD" | "M_PASSWORD_TOO_SHORT") => Self::WeakPassword,
            Some("M_LIMIT_EXCEEDED") => Self::TooManyTries { retry_after_s: retry_after_ms.map(|ms| ms.div_ceil(1_000)) },
            Some("M_USER_DEACTIVATED" | "M_USER_LOCKED" | "M_USER_SUSPENDED") => Self::Deactivated,
            Some("M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN") => Self::SessionEnded,
            Some("M_NOT_FOUND") => Self::NoSuchPerson,
            Some("M_TOO_LARGE") => Self::TooLong,
            Some("M_FORBIDDEN") => Self::NotAllowed,
            Some("M_UNRECOGNIZED") => Self::NotOffered,
            _ if status == 429 => Self::TooManyTries { retry_after_s: retry_after_ms.map(|ms| ms.div_ceil(1_000)) },
            _ if status == 403 => Self::NotAllowed,
            _ if status >= 500 => Self::Server,
            _ => Self::Unknown,
        }
    }

    /// The same failure as seen by the log-in form, where "not allowed" means the password was wrong.
    #[must_use]
    pub fn at_login(self) -> Self {
        if self == Self::NotAllowed { Self::WrongPassword } else { self }
    }

    /// The same failure as seen by the sign-up form, where "not allowed" means that registration is closed.
    #[must_use]
    pub fn at_sign_up(self) -> Self {
        if self == Self::NotAllowed { Self::RegistrationClosed } else { self }
    }

    /// What to show: what happened and what to do about it.
    pub fn words(self) -> String {
        let text = match self {
            Self::Unreachable => "The server can’t be reached. Check your connection and try again.",
            Self::WrongPassword => "That username or email and password don’t match. Check both and try again.",
            Self::UsernameTaken => "That username is taken. Try another one.",
            Self::UsernameRefused => "That username can’t be used. Try one made of letters and digits.",
            Self::EmailTaken => "There is already an account with that email. Log in instead, or use another address.",
            Self::WeakPassword => "That password is too easy to guess. Use a longer one.",
            Self::RegistrationClosed => "This server takes no new accounts right now. Ask the person who runs it.",
            Self::InviteOver => {
                "This invitation doesn’t count any more: it was used, has expired or was taken back. Ask for a new link."
            }
            Self::InviteNeeded => "You need an invitation to sign up here. Ask the person who runs this server for a link.",
            Self::TooManyTries { retry_after_s: Some(seconds) } => {
                return format!("Too many tries. Wait {} and try again.", seconds_in_words(seconds));
            }
            Self::TooManyTries { retry_after_s: None } => "Too many tries. Wait a minute and try again.",
            Self::Deactivated => "This account has been switched off. Ask the person who runs the server.",
            Self::SessionEnded => "You have been logged out. Log in again to go on.",
            Self::WrongRecoveryKey => "That recovery key doesn’t fit this account. Check it and try again.",
            Self::NoOtherDevice => "No other device of yours is confirmed. Use your recovery key.",
            Self::NoSuchPerson => "Nobody was found by that name. Check the spelling.",
            Self::NoStorage => {
                "The browser keeps no data for this site. Allow it to in the browser’s settings, then reload. Some browsers never do in a private window."
            }
            Self::NotEncrypted => "This chat isn’t encrypted, so nothing was sent.",
            Self::TooLong => "That message is too long. Send it in parts.",
            Self::NotAllowed => "The server didn’t allow that.",
            Self::NotOffered => "This server doesn’t offer that. Ask the person who runs it.",
            Self::Server => "The server had a problem. Try again in a moment.",
            Self::Unknown => "Something went wrong. Try again.",
        };
        text.to_owned()
    }
}

fn seconds_in_words(seconds: u64) -> String {
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::Trouble as T;

    #[test]
    fn answers_become_trouble() {
        for (status, errcode, expected) in [
            (400, Some("M_USER_IN_USE"), T::UsernameTaken),
            (400, Some("M_THREEPID_IN_USE"), T::EmailTaken),
            (401, Some("M_UNKNOWN_TOKEN"), T::SessionEnded),
            (403, Some("M_FORBIDDEN"), T::NotAllowed),
            (403, None, T::NotAllowed),
            (404, Some("M_UNRECOGNIZED"), T::NotOffered),
            (502, None, T::Server),
            (418, None, T::Unknown),
        ] {
            assert_eq!(T::from_answer(status, errcode, None), expected);
        }
        assert_eq!(T::from_answer(429, Some("M_LIMIT_EXCEEDED"), Some(1_500)), T::TooManyTries { retry_after_s: Some(2) });
    }

    #[test]
    fn the_same_refusal_reads_differently_by_form() {
        assert_eq!(T::NotAllowed.at_login(), T::WrongPassword);
        assert_eq!(T::NotAllowed.at_sign_up(), T::RegistrationClosed);
        assert_eq!(T::Server.at_login(), T::Server);
    }

    #[test]
    fn waiting_times_read_well() {
        assert!(T::TooManyTries { retry_after_s: Some(1) }.words().contains("a second"));
        assert!(T::TooManyTries { retry_after_s: Some(150) }.words().contains("3 minutes"));
    }
}
