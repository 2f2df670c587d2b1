//! What a reader is shown of a room: what is open to them there, without what those say whom they ignore.

use projection::{Rows, ViewFault};
use ruma::RoomId;

use super::reach::Reach;
use crate::{
    END,
    reader::{Reader, Said},
};

/// What one reader is shown of one room, loaded once and asked for each PDU.
#[derive(Clone, Debug)]
pub struct Sight {
    reader: Reader,
    part: Part,
}

/// The part of the room that is open to the reader.
#[derive(Clone, Debug)]
enum Part {
    /// Everything after a position since which the reader has been in the room.
    After(u64),
    /// What memberships and visibilities say.
    Within(Reach),
}

impl Sight {
    /// Loads what decides on the sight of `reader` in `room`.
    ///
    /// # Errors
    /// A [`ViewFault`] when rows cannot be read.
    pub fn load(rows: &dyn Rows, room: &RoomId, reader: &Reader) -> Result<Self, ViewFault> {
        let part = Part::Within(Reach::load(rows, room, reader.user())?);
        Ok(Self { reader: reader.clone(), part })
    }

    /// The sight of a reader who has been in the room since position `after`, of what came later. Reads nothing.
    #[must_use]
    pub fn of_stay(reader: &Reader, after: u64) -> Self {
        Self { reader: reader.clone(), part: Part::After(after) }
    }

    /// Whether the reader is shown this.
    #[must_use]
    pub fn may_see(&self, said: &impl Said) -> bool {
        self.reaches(said.position()) && !self.hides(said)
    }

    /// Whether the reader ignores who said this, or came after it was said by somebody who was erased. What is not open to the reader may be
    /// hidden too.
    pub(crate) fn hides(&self, said: &impl Said) -> bool {
        let is_outlived = match &self.part {
            Part::After(_) => false,
            Part::Within(reach) => reach.outlived(said),
        };
        is_outlived || self.reader.hides(said)
    }

    /// Whether what is at `position` is open to the reader, whoever said it.
    pub(crate) fn reaches(&self, position: u64) -> bool {
        match &self.part {
            Part::After(after) => position > *after,
            Part::Within(reach) => reach.covers(position),
        }
    }

    /// How far the reader may read the room's state: to the end while joined or in a world-readable room, else up to and
    /// with the end of the last stay. None for somebody who never was in the room.
    #[must_use]
    pub fn reads_state_through(&self) -> Option<u64> {
        match &self.part {
            Part::After(_) => Some(END),
            Part::Within(reach) => reach.state_through(),
        }
    }
}
