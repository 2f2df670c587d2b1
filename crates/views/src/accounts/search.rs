//! Finds people by the beginnings of words in their user names and display names. Not by email: that is the caller's
//! policy.

use std::{collections::BTreeSet, ops::ControlFlow};

use domain::user::profile::{AVATAR_URL, DISPLAY_NAME};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{OwnedUserId, UserId};
use serde_json::Value;

use super::{profiles, tables::VIEW};
use crate::comparable::comparable;

/// (Word as it is compared, user id) → nothing.
const WORDS: Table<(String, String), ()> = Table::new(VIEW, 10);
/// Words of one name that are indexed, and words of one search that count.
const WORDS_MAX: usize = 16;
/// How many people with a word that begins as asked are looked at.
const CANDIDATES_MAX: usize = 1_000;

/// One person found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUser {
    /// The account.
    pub user_id: OwnedUserId,
    /// The display name.
    pub display_name: Option<String>,
    /// The `mxc:` address of the picture.
    pub avatar_url: Option<String>,
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let text = comparable(text);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned);
    words.take(WORDS_MAX).collect::<Vec<_>>().into_iter()
}

/// The whole user name is a word too, so that `a.b` is found by `a.b`, `a` and `b`.
fn words_of(user_id: &UserId, display_name: Option<&str>) -> BTreeSet<String> {
    let localpart = user_id.localpart();
    let name = display_name.unwrap_or_default();
    words(localpart).chain([comparable(localpart)]).chain(words(name)).collect()
}

pub(super) fn index(batch: &mut Batch<'_>, user_id: &UserId, display_name: Option<&str>) -> Result<(), ViewFault> {
    words_of(user_id, display_name).iter().try_for_each(|word| WORDS.put(batch, &(word.as_str(), user_id.as_str()), &()))
}

pub(super) fn forget(batch: &mut Batch<'_>, user_id: &UserId, display_name: Option<&str>) -> Result<(), ViewFault> {
    words_of(user_id, display_name).iter().try_for_each(|word| WORDS.delete(batch, &(word.as_str(), user_id.as_str())))
}

/// At most `limit` people each word of `term` begins a word of, the exact user name first, and whether there are more.
/// `may_see` says who may be shown.
///
/// # Errors
/// Storage failed.
pub fn search_users(
    rows: &dyn Rows,
    term: &str,
    limit: usize,
    may_see: &dyn Fn(&UserId) -> Result<bool, ViewFault>,
) -> Result<(Vec<FoundUser>, bool), ViewFault> {
    // "@alice:example.org" and "@alice" are how people write a user id.
    let term = term.trim();
    let name = term.strip_prefix('@').map_or(term, |id| id.split(':').next().unwrap_or(id));
    let name = comparable(name);
    let wanted: Vec<String> = words(&name).collect();
    // The longest word has the fewest candidates, as a rule.
    let Some(longest) = wanted.iter().max_by_key(|word| word.len()) else { return Ok((Vec::new(), false)) };
    let mut candidates = BTreeSet::new();
    WORDS.scan_keys(rows, KeyRange::prefix_text(&(), longest), Order::Ascending, |(_, user_id)| {
        candidates.insert(user_id);
        if candidates.len() < CANDIDATES_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let mut found = Vec::new();
    for user_id in candidates {
        let Ok(user_id) = OwnedUserId::try_from(user_id) else { continue };
        let display_name = text(profiles::profile_field(rows, &user_id, DISPLAY_NAME)?);
        let own = words_of(&user_id, display_name.as_deref());
        if wanted.iter().all(|word| own.iter().any(|own| own.starts_with(word.as_str()))) && may_see(&user_id)? {
            found.push((user_id, display_name));
        }
    }
    found.sort_by_key(|(user_id, _)| (user_id.localpart() != name, !user_id.localpart().starts_with(name.as_str())));
    let is_limited = found.len() > limit;
    found.truncate(limit);
    let found = found.into_iter().map(|(user_id, display_name)| {
        let avatar_url = text(profiles::profile_field(rows, &user_id, AVATAR_URL)?);
        Ok(FoundUser { user_id, display_name, avatar_url })
    });
    Ok((found.collect::<Result<_, ViewFault>>()?, is_limited))
}

fn text(value: Option<Value>) -> Option<String> {
    value.and_then(|value| value.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_name_is_one_name_however_it_is_written() {
        for (one, other) in [
            ("Jos\u{e9}", "JOSE\u{301}"),
            ("Straße", "STRASSE"),
            ("İstanbul", "istanbul"),
            ("I\u{307}stanbul", "ISTANBUL"),
            ("ﬁrst", "First"),
            ("Ａｌｉｃｅ", "alice"),
            ("Ångström", "A\u{30a}NGSTRO\u{308}M"),
        ] {
            let (one, other): (Vec<_>, Vec<_>) = (words(one).collect(), words(other).collect());
            assert_eq!(one, other);
            assert_eq!(one.len(), 1, "a letter is no end of a word: {one:?}");
        }
        assert_ne!(words("ä").collect::<Vec<_>>(), words("a").collect::<Vec<_>>());
    }
}
