//! People whose new keys one has not settled about: a comparison was begun and not finished, or the emoji differed.
//!
//! The library knows only verified and not verified, and forgets that somebody was verified as soon as a comparison is
//! begun. What is kept here holds messages back until the person has decided, also after a reload.

/// What is in doubt about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A comparison was begun.
    Open,
    /// The emoji differed.
    Differed,
}

/// Whom one is in doubt about, by user id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts(Vec<(String, Doubt)>);

impl Doubts {
    /// Reads the form that is kept: a line each, with a sign for the kind in front of the user id.
    pub fn parse(text: &str) -> Self {
        let read = |line: &str| {
            let (doubt, user_id) = match line.strip_prefix('!') {
                Some(rest) => (Doubt::Differed, rest),
                None => (Doubt::Open, line.strip_prefix('?')?),
            };
            Some((user_id.to_owned(), doubt))
        };
        Self(text.lines().filter_map(read).collect())
    }

    /// The form that is kept.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (user_id, doubt) in &self.0 {
            text.push(if *doubt == Doubt::Differed { '!' } else { '?' });
            text.push_str(user_id);
            text.push('\n');
        }
        text
    }

    /// What is in doubt about this person.
    pub fn of(&self, user_id: &str) -> Option<Doubt> {
        self.0.iter().find(|(id, _)| id == user_id).map(|(_, doubt)| *doubt)
    }

    /// From now on this is in doubt.
    pub fn set(&mut self, user_id: &str, doubt: Doubt) {
        self.settle(user_id);
        self.0.push((user_id.to_owned(), doubt));
    }

    /// Nothing is in doubt about this person any more.
    pub fn settle(&mut self, user_id: &str) {
        self.0.retain(|(id, _)| id != user_id);
    }
}

#[cfg(test)]
mod tests {
    use super::{Doubt, Doubts};

    #[test]
    fn doubts_are_kept_and_read_again() {
        let mut doubts = Doubts::default();
        doubts.set("@bob:h", Doubt::Open);
        doubts.set("@eve:h", Doubt::Differed);
        doubts.set("@bob:h", Doubt::Differed);
        let read = Doubts::parse(&doubts.to_text());
        assert_eq!(read, doubts);
        assert_eq!((read.of("@bob:h"), read.of("@ann:h")), (Some(Doubt::Differed), None));
        doubts.settle("@bob:h");
        doubts.settle("@eve:h");
        assert_eq!(Doubts::parse(&doubts.to_text()), Doubts::default());
        assert_eq!(Doubts::parse("nonsense\n"), Doubts::default());
    }
}
