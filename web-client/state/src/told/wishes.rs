//! What somebody wishes to be told, and how that is kept.

/// What somebody wishes to be told of while they do not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Notes of messages and calls.
    pub is_on: bool,
    /// Who wrote, and what.
    pub shows_text: bool,
    /// A sound with them.
    pub has_sound: bool,
    /// Neither notes nor the ringing of calls, for now.
    pub is_undisturbed: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { is_on: false, shows_text: true, has_sound: true, is_undisturbed: false }
    }
}

impl Wishes {
    /// Reads the kept form: the words of what is wished.
    pub fn parse(text: &str) -> Self {
        let has = |word| text.split(' ').any(|own| own == word);
        Self { is_on: has("on"), shows_text: has("text"), has_sound: has("sound"), is_undisturbed: has("undisturbed") }
    }

    /// The form in which they are kept.
    pub fn to_text(self) -> String {
        let words =
            [(self.is_on, "on"), (self.shows_text, "text"), (self.has_sound, "sound"), (self.is_undisturbed, "undisturbed")];
        words.iter().filter(|(is_wished, _)| *is_wished).map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::Wishes;

    #[test]
    fn what_is_kept_is_what_was_wished() {
        for bits in 0..16 {
            let has = |bit: u8| bits & (1 << bit) != 0;
            let wishes = Wishes { is_on: has(0), shows_text: has(1), has_sound: has(2), is_undisturbed: has(3) };
            assert_eq!(Wishes::parse(&wishes.to_text()), wishes);
        }
        assert_eq!(Wishes::parse("onward text "), Wishes { is_on: false, has_sound: false, ..Wishes::default() });
    }
}
