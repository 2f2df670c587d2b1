//! Who is told: folds name an audience where they write rows. The view of memberships knows its people, once the rows are
//! committed.

use ruma::{OwnedRoomId, OwnedUserId};

/// Those whose next sync a fact changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// This person.
    Person(OwnedUserId),
    /// Everybody who is joined to this room.
    Room(OwnedRoomId),
    /// This person and everybody in a room with them: who is told that the person's devices or keys changed.
    Observers(OwnedUserId),
}

/// What the folds of this crate touch.
pub type Touched = projection::Touched<Audience>;
