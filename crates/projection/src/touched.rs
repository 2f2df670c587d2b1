//! Whose answers the folded facts change, said by the folds that change them. Telling them is the engine's business.

use std::collections::BTreeMap;

use event_log::Position;

/// Those whose answers facts have changed, each with the newest position that did.
///
/// `S` names one or many: a person, or everybody in a room. Nobody is collected while catching up, because everybody is
/// told at its end.
#[derive(Clone, Debug)]
pub struct Touched<S> {
    at: Position,
    newest: Option<BTreeMap<S, Position>>,
}

impl<S: Ord> Touched<S> {
    /// Collects.
    #[must_use]
    pub fn collecting() -> Self {
        Self { at: Position::ZERO, newest: Some(BTreeMap::new()) }
    }

    /// Does not even ask who is touched.
    #[must_use]
    pub fn ignoring() -> Self {
        Self { at: Position::ZERO, newest: None }
    }

    /// What is touched from now on is touched by the fact at `position`.
    pub(crate) fn go_to(&mut self, position: Position) {
        self.at = position;
    }

    /// The fact that is being folded changes the answers of `subject`, which is made only if somebody asks.
    pub fn touch(&mut self, subject: impl FnOnce() -> S) {
        if let Some(newest) = &mut self.newest {
            // Positions rise.
            newest.insert(subject(), self.at);
        }
    }

    /// Those touched, each once.
    pub fn into_newest(self) -> impl Iterator<Item = (S, Position)> {
        self.newest.into_iter().flatten()
    }
}
