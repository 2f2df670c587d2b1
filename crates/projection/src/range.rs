//! Ranges of keys within one table. Not bytes of the store: a table puts its own two bytes in front.

use crate::key::{EncodeKey, encode_text};

/// A place between keys.
#[derive(Clone, Debug)]
enum Edge {
    /// Just before this key and before every key that begins with it.
    At(Vec<u8>),
    /// Just after this key and after every key that begins with it.
    Past(Vec<u8>),
}

/// Which keys of a table a scan visits. Clone it to use it twice.
#[derive(Clone, Debug)]
pub struct KeyRange {
    within: Vec<u8>,
    from: Option<Edge>,
    to: Option<Edge>,
    /// `within` is all of the key but the position at its end, and only positions after this are in the range.
    newer_than: Option<u64>,
}

fn encoded(key: &(impl EncodeKey + ?Sized)) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    key.encode(&mut out);
    out
}

impl KeyRange {
    fn new(within: Vec<u8>, from: Option<Edge>, to: Option<Edge>) -> Self {
        Self { within, from, to, newer_than: None }
    }

    /// Every key of the table.
    #[must_use]
    pub fn whole() -> Self {
        Self::new(Vec::new(), None, None)
    }

    /// Every key whose first parts are `prefix`.
    pub fn prefix(prefix: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(encoded(prefix), None, None)
    }

    /// Every key whose first parts are `prefix` and whose next part is a string that begins with `text`.
    pub fn prefix_text(prefix: &(impl EncodeKey + ?Sized), text: &str) -> Self {
        let mut within = encoded(prefix);
        encode_text(text, &mut within);
        Self::new(within, None, None)
    }

    /// `from <= key < to`, both of them whole keys or first parts.
    pub fn between(from: &(impl EncodeKey + ?Sized), to: &(impl EncodeKey + ?Sized)) -> Self {
        let (from, to) = (Edge::At(encoded(from)), Edge::At(encoded(to)));
        Self::new(Vec::new(), Some(from), Some(to))
    }

    /// `start <= key`, up to the end of the table.
    pub fn from(start: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(Vec::new(), Some(Edge::At(encoded(start))), None)
    }

    /// `start < key`, up to the end of the table.
    pub fn after(start: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(Vec::new(), Some(Edge::Past(encoded(start))), None)
    }

    /// Keys that begin with `prefix`, `start <= key`. `start` is a whole key, prefix included.
    pub fn prefix_from(prefix: &(impl EncodeKey + ?Sized), start: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(encoded(prefix), Some(Edge::At(encoded(start))), None)
    }

    /// Keys that begin with `prefix`, `start < key`. `start` is a whole key, prefix included.
    pub fn prefix_after(prefix: &(impl EncodeKey + ?Sized), start: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(encoded(prefix), Some(Edge::Past(encoded(start))), None)
    }

    /// Keys that are `prefix` and a position after `position`, in a table by position.
    pub fn newer(prefix: &(impl EncodeKey + ?Sized), position: u64) -> Self {
        let within = encoded(prefix);
        let from = Edge::Past([within.as_slice(), &position.to_be_bytes()].concat());
        Self { newer_than: Some(position), ..Self::new(within, Some(from), None) }
    }

    /// Keys that are `prefix` and a position after `position`, up to and with `through`, in a table by position.
    pub fn newer_through(prefix: &(impl EncodeKey + ?Sized), position: u64, through: u64) -> Self {
        let mut range = Self::newer(prefix, position);
        range.to = Some(Edge::Past([range.within.as_slice(), &through.to_be_bytes()].concat()));
        range
    }

    /// Keys that begin with `prefix`, `key < end`. `end` is a whole key, prefix included.
    pub fn prefix_before(prefix: &(impl EncodeKey + ?Sized), end: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(encoded(prefix), None, Some(Edge::At(encoded(end))))
    }

    /// Keys that begin with `prefix`, `key <= end`. `end` is a whole key, prefix included.
    pub fn prefix_through(prefix: &(impl EncodeKey + ?Sized), end: &(impl EncodeKey + ?Sized)) -> Self {
        Self::new(encoded(prefix), None, Some(Edge::Past(encoded(end))))
    }

    /// Of a range made by [`KeyRange::newer`]: the store keys' beginning and the position.
    pub(crate) fn newer_than(&self, view: u8, table: u8) -> Option<(Vec<u8>, u64)> {
        Some(([&[view, table], self.within.as_slice()].concat(), self.newer_than?))
    }

    /// The store keys' beginning, of a range that has every key with it and is not the whole table.
    pub(crate) fn all_under(&self, view: u8, table: u8) -> Option<Vec<u8>> {
        let is_all = self.from.is_none() && self.to.is_none() && !self.within.is_empty();
        is_all.then(|| [&[view, table], self.within.as_slice()].concat())
    }

    /// Whether it has no upper end within its beginning.
    pub(crate) const fn is_open(&self) -> bool {
        self.to.is_none()
    }

    /// The range as store keys of `view` and `table`: from (inclusive) and to (exclusive).
    pub(crate) fn resolve(&self, view: u8, table: u8) -> (Vec<u8>, Vec<u8>) {
        let place = |edge: &Edge| match edge {
            Edge::At(key) => [&[view, table], key.as_slice()].concat(),
            Edge::Past(key) => successor([&[view, table], key.as_slice()].concat()),
        };
        let mut low = place(&Edge::At(self.within.clone()));
        let mut high = successor(low.clone());
        // A start or an end outside of the prefix never widens the range.
        if let Some(from) = &self.from {
            low = low.max(place(from));
        }
        if let Some(to) = &self.to {
            high = high.min(place(to));
        }
        (low, high)
    }
}

/// The smallest key after all keys that begin with `key`.
pub(crate) fn successor(mut key: Vec<u8>) -> Vec<u8> {
    while let Some(last) = key.pop() {
        if let Some(next) = last.checked_add(1) {
            key.push(next);
            return key;
        }
    }
    // Not reached from a table, whose view byte is below 255; this sorts after every key of every view.
    vec![u8::MAX; 2]
}

#[cfg(test)]
mod tests {
    use super::{KeyRange, successor};

    #[test]
    fn successor_carries() {
        assert_eq!(successor(vec![1, 2]), [1, 3]);
        assert_eq!(successor(vec![1, 255, 255]), [2]);
    }

    #[test]
    fn a_start_outside_of_the_prefix_does_not_widen_the_range() {
        let whole = KeyRange::prefix(&("m",)).resolve(3, 4);
        assert_eq!(KeyRange::prefix_from(&("m",), &("a", 1u64)).resolve(3, 4), whole);
        assert_eq!(KeyRange::prefix_before(&("m",), &("z", 1u64)).resolve(3, 4), whole);
        let (from, to) = KeyRange::prefix_from(&("m",), &("z", 1u64)).resolve(3, 4);
        assert!(from >= to, "a start behind the prefix leaves nothing");
    }
}
