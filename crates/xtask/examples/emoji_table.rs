//! Prints web-client/assets/emoji.txt for `cargo xtask generate`: the emoji that the client offers, which it fetches when somebody
//! wants to choose one. `state/src/emoji_table.rs` reads it.

use std::io::{self, Write as _};

use emojis::{Emoji, Group, UnicodeVersion};

/// Newer ones are boxes in the fonts of systems that are still in use.
const NEWEST: UnicodeVersion = UnicodeVersion::new(15, 0);

fn main() -> io::Result<()> {
    let mut page = String::new();
    for group in Group::iter() {
        page.push_str(name(group));
        page.push('\n');
        for emoji in group.emojis().filter(|emoji| emoji.unicode_version() <= NEWEST) {
            page.push_str(&line(emoji));
        }
    }
    io::stdout().write_all(page.as_bytes())
}

fn name(group: Group) -> &'static str {
    match group {
        Group::SmileysAndEmotion => "Smileys",
        Group::PeopleAndBody => "People",
        Group::AnimalsAndNature => "Nature",
        Group::FoodAndDrink => "Food",
        Group::TravelAndPlaces => "Places",
        Group::Activities => "Activities",
        Group::Objects => "Objects",
        Group::Symbols => "Symbols",
        Group::Flags => "Flags",
    }
}

/// What it is called, and by which short codes it goes elsewhere where they say more.
fn line(emoji: &Emoji) -> String {
    let name = emoji.name().to_lowercase();
    let is_said = |word: &str| name.split([' ', '-']).any(|own| own == word);
    let codes = emoji.shortcodes().flat_map(|code| code.split('_')).filter(|word| !is_said(word));
    let mut also: Vec<&str> = codes.collect();
    also.sort_unstable();
    also.dedup();
    format!("{}\t{name}\t{}\n", emoji.as_str(), also.join(" "))
}
