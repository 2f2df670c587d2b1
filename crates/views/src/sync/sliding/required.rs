//! The state that a connection wants of its rooms. Most rooms want the same, and share one set.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ruma::{UserId, events::StateEventType};

/// Any type, or any key.
const ANY: &str = "*";
/// The caller's own user id as a key.
const ME: &str = "$ME";
/// Of members: those who sent what the timeline shows.
const LAZY: &str = "$LAZY";
/// What a string costs in memory beside its own bytes, roughly.
const STRING_BYTES: usize = 48;

/// Types of state events and their keys, with the wildcards that MSC4186 has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Required {
    by_type: BTreeMap<String, BTreeSet<String>>,
}

impl Required {
    fn of(pairs: &[(StateEventType, String)]) -> Self {
        let mut by_type: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (event_type, key) in pairs {
            by_type.entry(event_type.to_string()).or_default().insert(key.clone());
        }
        Self { by_type }
    }

    /// Whether a piece of state was asked for, other than as a member who is shown only when needed.
    pub(super) fn includes(&self, event_type: &str, key: &str, me: &UserId) -> bool {
        let is_wildcard = [ANY, ME, LAZY].contains(&key);
        [event_type, ANY].iter().filter_map(|wanted| self.by_type.get(*wanted)).any(|keys| {
            keys.contains(ANY) || (keys.contains(ME) && key == me.as_str()) || (!is_wildcard && keys.contains(key))
        })
    }

    /// Whether members are shown when needed.
    pub(super) fn has_lazy_members(&self) -> bool {
        self.by_type.get("m.room.member").is_some_and(|keys| keys.contains(LAZY))
    }

    /// Whether all of it is in `other`.
    pub(super) fn is_subset(&self, other: &Self) -> bool {
        self.by_type.iter().all(|(event_type, keys)| {
            keys.is_empty() || other.by_type.get(event_type).is_some_and(|others| keys.is_subset(others))
        })
    }

    fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        for (event_type, keys) in &other.by_type {
            union.by_type.entry(event_type.clone()).or_default().extend(keys.iter().cloned());
        }
        union
    }

    /// Roughly what it takes in memory.
    fn bytes(&self) -> usize {
        let of = |text: &String| text.len() + STRING_BYTES;
        self.by_type.iter().map(|(event_type, keys)| of(event_type) + keys.iter().map(of).sum::<usize>()).sum()
    }
}

/// The sets of one connection, each of them once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RequiredSets {
    sets: BTreeSet<Arc<Required>>,
}

impl RequiredSets {
    /// The set of what a list or a subscription asks for.
    pub(super) fn of(&mut self, pairs: &[(StateEventType, String)]) -> Arc<Required> {
        self.share(Required::of(pairs))
    }

    fn share(&mut self, required: Required) -> Arc<Required> {
        if let Some(known) = self.sets.get(&required) {
            return Arc::clone(known);
        }
        let required = Arc::new(required);
        self.sets.insert(Arc::clone(&required));
        required
    }

    /// Forgets the sets that are not `used` any more.
    pub(super) fn keep<'a>(&mut self, used: impl Iterator<Item = &'a Arc<Required>>) {
        let used: BTreeSet<*const Required> = used.map(Arc::as_ptr).collect();
        self.sets.retain(|set| used.contains(&Arc::as_ptr(set)));
    }

    /// Roughly what they take in memory.
    pub(super) fn bytes(&self) -> usize {
        self.sets.iter().map(|set| set.bytes()).sum()
    }
}

/// Makes unions of the sets of one request. Rooms that are in the same lists ask for the same one, which is made once.
pub(super) struct Unions<'a> {
    sets: &'a mut RequiredSets,
    /// By where the two are in memory; all of them live as long as `sets`.
    made: BTreeMap<[*const Required; 2], Arc<Required>>,
}

impl<'a> Unions<'a> {
    pub(super) fn of(sets: &'a mut RequiredSets) -> Self {
        Self { sets, made: BTreeMap::new() }
    }

    /// The set of what a list or a subscription asks for.
    pub(super) fn set(&mut self, pairs: &[(StateEventType, String)]) -> Arc<Required> {
        self.sets.of(pairs)
    }

    pub(super) fn union(&mut self, one: &Arc<Required>, other: &Arc<Required>) -> Arc<Required> {
        if Arc::ptr_eq(one, other) {
            return Arc::clone(one);
        }
        let Self { sets, made } = self;
        let made = made.entry([Arc::as_ptr(one), Arc::as_ptr(other)]).or_insert_with(|| sets.share(one.union(other)));
        Arc::clone(made)
    }
}

#[cfg(test)]
mod tests {
    use ruma::user_id;

    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(StateEventType, String)> {
        pairs.iter().map(|(event_type, key)| (StateEventType::from(*event_type), (*key).to_owned())).collect()
    }

    #[test]
    fn wildcards_mean_what_they_mean_in_the_proposal() {
        let me = user_id!("@me:h");
        let asked = pairs(&[("m.room.name", ""), ("m.room.member", ME), ("m.room.member", LAZY), ("x", ANY), (ANY, "all")]);
        let required = Required::of(&asked);
        for (event_type, key, expected) in [
            ("m.room.name", "", true),
            ("m.room.name", "other", false),
            ("m.room.member", "@me:h", true),
            ("m.room.member", "@other:h", false),
            ("m.room.member", LAZY, false),
            ("x", "whatever", true),
            ("m.room.topic", "all", true),
            ("m.room.topic", "", false),
        ] {
            assert_eq!(required.includes(event_type, key, me), expected, "{event_type} {key}");
        }
        assert!(required.has_lazy_members());
    }

    #[test]
    fn equal_sets_are_held_once_and_unused_ones_not_at_all() {
        let mut sets = RequiredSets::default();
        let one = sets.of(&pairs(&[("a", "")]));
        let other = sets.of(&pairs(&[("b", ""), ("b", "")]));
        let mut unions = Unions::of(&mut sets);
        let both = unions.union(&one, &other);
        assert!(Arc::ptr_eq(&both, &unions.union(&one, &other)));
        assert!(Arc::ptr_eq(&both, &unions.union(&other, &one)), "equal, though made another way");
        assert!(one.is_subset(&both) && other.is_subset(&both) && !both.is_subset(&one));
        let bytes = sets.bytes();
        sets.keep([&both].into_iter());
        assert!(sets.bytes() < bytes && sets.sets.len() == 1);
    }
}
