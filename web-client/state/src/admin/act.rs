//! What an admin is about to do to an account, and the words that are said before: what happens, and what does not.

/// Something that can be done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Make a link by which its owner sets a new password.
    ResetLink,
    /// Keep it from being used.
    Lock,
    /// Let it be used again.
    Unlock,
    /// Make its owner an admin.
    MakeAdmin,
    /// Make its owner an admin no more.
    UnmakeAdmin,
    /// Close it for ever.
    Deactivate,
    /// Have what is known of its owner forgotten; it is closed already.
    Erase,
}

impl Act {
    /// What is asked. `name` is the account's.
    pub fn title(self, name: &str) -> String {
        match self {
            Self::ResetLink => format!("Make a reset link for {name}?"),
            Self::Lock => format!("Lock the account of {name}?"),
            Self::Unlock => format!("Unlock the account of {name}?"),
            Self::MakeAdmin => format!("Make {name} an admin?"),
            Self::UnmakeAdmin => format!("Make {name} an admin no more?"),
            Self::Deactivate => format!("Deactivate the account of {name}?"),
            Self::Erase => format!("Erase the account of {name}?"),
        }
    }

    /// What comes of it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::ResetLink => {
                "Whoever opens the link sets the password, once, within 24 hours. Give it to them in a way that nobody else can read. It changes no keys: older messages are unlocked by the recovery key, or by another device that is still logged in."
            }
            Self::Lock => {
                "Nobody can use it until you unlock it, and whoever tries is told so. Devices stay logged in, nothing is deleted, and keys stay as they are."
            }
            Self::Unlock => "Its devices go on where they were.",
            Self::MakeAdmin => {
                "Admins invite people, lock and close accounts, make reset links, and see how the server does. They can read nobody’s messages."
            }
            Self::UnmakeAdmin => "They keep their account and everything in it. Another admin can make them one again.",
            Self::Deactivate => {
                "This can’t be undone. They are logged out everywhere and leave all chats, and nobody gets the username again. What they wrote stays with the people they wrote to, encrypted as it is."
            }
            Self::Erase => {
                "This can’t be undone. The server forgets their profile, devices, files and what they wrote, for everybody, and all of it leaves the disk. That there was the account stays in the log, and others keep what is on their own devices. When it is done, there is a signed receipt for them."
            }
        }
    }

    /// The button that does it.
    pub const fn action(self) -> &'static str {
        match self {
            Self::ResetLink => "Make link",
            Self::Lock => "Lock account",
            Self::Unlock => "Unlock account",
            Self::MakeAdmin => "Make admin",
            Self::UnmakeAdmin => "Remove as admin",
            Self::Deactivate => "Deactivate for good",
            Self::Erase => "Erase for good",
        }
    }

    /// Whether somebody loses something by it.
    pub const fn is_dangerous(self) -> bool {
        matches!(self, Self::Lock | Self::Deactivate | Self::Erase | Self::UnmakeAdmin)
    }
}
