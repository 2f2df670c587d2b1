//! A set of positions in little memory: one bit each, in pages that are dropped when empty. Verifying keeps in it the
//! payloads that were missing until the record that erased them is met.

use std::collections::BTreeMap;

use crate::record::Position;

const BITS: u64 = 4_096;

/// Positions, one bit each.
#[derive(Clone, Debug, Default)]
pub(crate) struct PositionSet {
    pages: BTreeMap<u64, [u64; (BITS / 64) as usize]>,
}

const fn place(position: Position) -> (u64, usize, u64) {
    let bit = position.0 % BITS;
    (position.0 / BITS, (bit / 64) as usize, 1 << (bit % 64))
}

impl PositionSet {
    pub(crate) fn insert(&mut self, position: Position) {
        let (page, word, bit) = place(position);
        self.pages.entry(page).or_insert([0; (BITS / 64) as usize])[word] |= bit;
    }

    pub(crate) fn remove(&mut self, position: Position) {
        let (number, word, bit) = place(position);
        if let Some(page) = self.pages.get_mut(&number) {
            page[word] &= !bit;
            if page.iter().all(|word| *word == 0) {
                self.pages.remove(&number);
            }
        }
    }

    pub(crate) fn contains(&self, position: Position) -> bool {
        let (number, word, bit) = place(position);
        self.pages.get(&number).is_some_and(|page| page[word] & bit != 0)
    }

    pub(crate) fn first(&self) -> Option<Position> {
        let (number, page) = self.pages.first_key_value()?;
        let (word, bits) = page.iter().enumerate().find(|(_, bits)| **bits != 0)?;
        Some(Position(number * BITS + word as u64 * 64 + u64::from(bits.trailing_zeros())))
    }
}
