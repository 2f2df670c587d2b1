//! The emoji that can be chosen from, by group and by what they are called.

/// The most that a search finds: more is a reason to type on.
const MAX_FOUND: usize = 96;
/// How many of those used last are remembered.
const MAX_RECENT: usize = 24;

/// All of them, in the order of Unicode's own charts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmojiTable {
    /// Never empty ones.
    pub groups: Vec<Group>,
}

/// Emoji of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// `Animals and nature`.
    pub name: String,
    /// Its emoji.
    pub emoji: Vec<Emoji>,
}

/// One emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// The characters themselves.
    pub text: String,
    /// `grinning face`, in lower case.
    pub name: String,
    /// What else it is called, separated by spaces, in lower case.
    also: String,
}

impl EmojiTable {
    /// Reads `assets/emoji.txt`: a line without a tab begins a group; any other is an emoji, its name and what else it is
    /// called, separated by tabs. Lines that are neither are passed over.
    pub fn parse(text: &str) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut parts = line.split('\t');
            match (parts.next(), parts.next(), groups.last_mut()) {
                (Some(name), None, _) => groups.push(Group { name: name.to_owned(), emoji: Vec::new() }),
                (Some(text), Some(name), Some(group)) => {
                    let also = parts.next().unwrap_or_default().to_owned();
                    group.emoji.push(Emoji { text: text.to_owned(), name: name.to_owned(), also });
                }
                _ => {}
            }
        }
        groups.retain(|group| !group.emoji.is_empty());
        Self { groups }
    }

    /// Those of which every word that was typed begins a word; first the one of just that name, then those whose name
    /// begins with it.
    pub fn search(&self, typed: &str) -> Vec<&Emoji> {
        let typed = typed.trim().to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let all = self.groups.iter().flat_map(|group| &group.emoji);
        let mut found: Vec<&Emoji> = all.filter(|emoji| emoji.is_called(&words)).collect();
        found.sort_by_key(|emoji| (emoji.name != typed, !emoji.name.starts_with(&typed)));
        found.truncate(MAX_FOUND);
        found
    }

    /// What this emoji is called; itself when it is not in the table.
    pub fn name_of<'a>(&'a self, text: &'a str) -> &'a str {
        let all = self.groups.iter().flat_map(|group| &group.emoji);
        all.into_iter().find(|emoji| emoji.text == text).map_or(text, |emoji| &emoji.name)
    }
}

impl Emoji {
    fn is_called(&self, words: &[&str]) -> bool {
        let called = self.name.split([' ', '-']).chain(self.also.split(' '));
        words.iter().all(|word| called.clone().any(|own| own.starts_with(word)))
    }
}

/// Those used last with this one before all others, as they are kept: separated by spaces.
pub fn with_recent(kept: &str, used: &str) -> String {
    let others = kept.split_whitespace().filter(|emoji| *emoji != used);
    let recent: Vec<&str> = std::iter::once(used).chain(others).take(MAX_RECENT).collect();
    recent.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{EmojiTable, MAX_RECENT, with_recent};

    fn table() -> EmojiTable {
        EmojiTable::parse(include_str!("../../assets/emoji.txt"))
    }

    #[test]
    fn the_table_that_ships_is_whole() {
        let table = table();
        assert_eq!(table.groups.len(), 9, "{:?}", table.groups.iter().map(|group| &group.name).collect::<Vec<_>>());
        let all: Vec<_> = table.groups.iter().flat_map(|group| &group.emoji).collect();
        assert!(all.len() > 1_700, "{}", all.len());
        for emoji in all {
            assert!(crate::emoji::is_only_emoji(&emoji.text), "{} ({})", emoji.text, emoji.name);
            assert!(!emoji.name.is_empty() && emoji.name.to_lowercase() == emoji.name, "{}", emoji.name);
        }
    }

    #[test]
    fn a_search_finds_by_the_beginnings_of_words() {
        let table = table();
        let found = |typed: &str| table.search(typed).into_iter().map(|emoji| emoji.text.as_str()).collect::<Vec<_>>();
        assert_eq!(found("thumbs up"), ["👍"]);
        assert_eq!(found("  THUMBS u "), ["👍"]);
        assert_eq!(found("+1"), ["👍"]);
        assert_eq!(found("party pop"), ["🎉"]);
        assert!(found("heart").len() > 20);
        assert_eq!(found("cat").first(), Some(&"🐈"));
        assert!(found("umbs").is_empty());
        assert!(found("no such thing").is_empty());
        assert_eq!(table.name_of("👍"), "thumbs up");
        assert_eq!(table.name_of("x"), "x");
    }

    #[test]
    fn whatever_the_file_holds_is_read_as_far_as_it_goes() {
        assert!(EmojiTable::parse("").groups.is_empty());
        assert!(EmojiTable::parse("😀\tlost\n\n").groups.is_empty(), "an emoji without a group");
        let table = EmojiTable::parse("Empty\nFaces\n😀\tgrinning\n\t\n");
        assert_eq!(table.groups.len(), 1);
        assert_eq!(table.name_of("😀"), "grinning");
    }

    #[test]
    fn those_used_last_come_first_and_only_once() {
        assert_eq!(with_recent("", "😀"), "😀");
        assert_eq!(with_recent("😀 👍", "👍"), "👍 😀");
        let many = (0..100).fold(String::new(), |kept, one| with_recent(&kept, &one.to_string()));
        assert_eq!(many.split(' ').count(), MAX_RECENT);
        assert!(many.starts_with("99 98 "));
    }
}
