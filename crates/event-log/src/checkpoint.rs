//! Checkpoints: the size and root of the tree in the C2SP `tlog-checkpoint` form, a signed note.
//! <https://c2sp.org/tlog-checkpoint>, <https://c2sp.org/signed-note>

mod note;

use tlog_tiles::checkpoint::Checkpoint as Body;
use tlog_tiles::tlog::Hash;

use crate::key::{LogKey, PublicKey};
use crate::record::Position;
use crate::store::StoredCheckpoint;

/// Bytes of an origin's name, at most.
const MAX_ORIGIN_BYTES: usize = 255;

/// What a signed checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of records covered.
    pub size: u64,
    /// Root of the tree over their headers.
    pub root: [u8; 32],
    /// When it was made, milliseconds since the epoch; an extension line.
    pub at_ms: u64,
    /// Position of the last record covered; an extension line.
    pub position: Position,
}

/// Whether `origin` may name a log: no spaces, no plus signs, no control characters.
#[must_use]
pub fn origin_is_valid(origin: &str) -> bool {
    note::is_key_name_valid(origin) && origin.len() <= MAX_ORIGIN_BYTES && !origin.chars().any(char::is_control)
}

/// The line that tells transparency tools the key of a log: `origin+id+base64`.
#[must_use]
pub fn verifier_key(origin: &str, key: &PublicKey) -> String {
    note::verifier_key(origin, key)
}

impl Checkpoint {
    /// The signed note.
    ///
    /// # Errors
    /// When the origin is not one.
    pub fn sign(&self, key: &LogKey) -> Result<StoredCheckpoint, String> {
        if !origin_is_valid(&self.origin) {
            return Err(format!("{:?} cannot be the name of a log", self.origin));
        }
        let extension = format!("at_ms {}\nposition {}\n", self.at_ms, self.position);
        let body = Body::new(&self.origin, self.size, Hash(self.root), &extension).map_err(|e| e.to_string())?;
        let text = String::from_utf8(body.to_bytes()).map_err(|e| e.to_string())?;
        let note = note::sign(&text, &self.origin, key);
        Ok(StoredCheckpoint { size: self.size, position: self.position, note })
    }

    /// Reads a note that `key` signed, byte for byte as [`Checkpoint::sign`] makes it.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn open(note: &str, origin: &str, key: &PublicKey) -> Result<Self, String> {
        let text = note::open(note, origin, key)?;
        Self::from_text(text.as_bytes()).filter(|it| it.origin == origin).ok_or_else(|| "checkpoint text".to_owned())
    }

    fn from_text(text: &[u8]) -> Option<Self> {
        let body = Body::from_bytes(text).ok()?;
        if body.to_bytes() != text {
            return None;
        }
        let (at_ms, rest) = body.extension().strip_prefix("at_ms ")?.split_once('\n')?;
        let position = rest.strip_prefix("position ")?.strip_suffix('\n')?;
        let checkpoint = Self {
            origin: body.origin().to_owned(),
            size: body.size(),
            root: body.hash().0,
            at_ms: at_ms.parse().ok()?,
            position: Position(position.parse().ok()?),
        };
        let extension = format!("at_ms {}\nposition {}\n", checkpoint.at_ms, checkpoint.position);
        (extension == body.extension()).then_some(checkpoint)
    }
}
