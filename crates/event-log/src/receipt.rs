//! Receipts of erasures: one signed line that says how much of the log was erased for whom, when it had left the disk, and which
//! checkpoint covers the records that say so. Whoever has one can check it without the log. What stands for whom is the caller's business.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::checkpoint::Checkpoint;
use crate::codec::{base64, from_base64};
use crate::fault::AppendError;
use crate::keeper::TreeKeeper;
use crate::kinds::{key_from, key_text};
use crate::line::{sign_line, signed_bytes};
use crate::record::Position;

/// What a receipt calls its format.
const FORMAT: &str = "erasure-receipt";
/// The version that is written, and the only one that is read.
const VERSION: u16 = 1;
/// Bytes of a receipt, at most. Its texts are short.
pub const RECEIPT_BYTES_MAX: usize = 64 << 10;

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedFor {
    /// For whom or what, as the caller names it.
    pub subject: String,
    /// The record that asked for it, and its time, milliseconds since the epoch.
    pub asked_at: (Position, u64),
    /// The record that says that all is erased.
    pub ended_at: Position,
    /// Positions of the payloads, rising.
    pub positions: Vec<Position>,
    /// When their bytes had left the disk, milliseconds since the epoch.
    pub purged_at_ms: u64,
}

/// A receipt. Fields in sorted order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The record that asked for the erasure.
    pub asked_at: Position,
    /// When that was, milliseconds since the epoch.
    pub asked_at_ms: u64,
    /// A signed note, made after the last of the records that erased something.
    pub checkpoint: String,
    /// The record that says that all is erased.
    pub ended_at: Position,
    /// `erasure-receipt`.
    pub format: String,
    /// The public key that signs the receipt and the checkpoint, base64.
    pub key: String,
    /// Name of the log.
    pub origin: String,
    /// How many payloads were erased.
    pub payloads: u64,
    /// SHA-256 of their positions, each in decimal and with a line feed, rising; base64.
    pub positions_sha256: String,
    /// When their bytes had left the disk, milliseconds since the epoch.
    pub purged_at_ms: u64,
    /// For whom.
    pub subject: String,
    /// 1.
    pub version: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    receipt: Receipt,
    signature: String,
}

/// Why a text is no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is something else, of another version, or was changed by something that writes JSON anew.
    #[error("this is no receipt of an erasure: {0}")]
    Shape(String),
    /// Somebody else has signed it, or it was changed.
    #[error("the signature does not match: the receipt was changed, or another key has signed it")]
    Signature,
    /// The checkpoint in it is not one of the log, or is older than the erasure.
    #[error("the checkpoint in the receipt does not hold: {0}")]
    Checkpoint(String),
}

impl TreeKeeper {
    /// A signed receipt, one line with its line feed. The checkpoint is the newest there can be.
    ///
    /// # Errors
    /// When no checkpoint can be made that covers the erasure.
    pub fn receipt(&self, erasure: &ErasedFor) -> Result<String, AppendError> {
        let unavailable = || AppendError::Unavailable("the log has no checkpoint that covers the erasure".to_owned());
        let checkpoint = self.checkpoint()?.filter(|checkpoint| checkpoint.position >= erasure.ended_at);
        let (asked_at, asked_at_ms) = erasure.asked_at;
        let receipt = Receipt {
            asked_at,
            asked_at_ms,
            checkpoint: checkpoint.ok_or_else(unavailable)?.note,
            ended_at: erasure.ended_at,
            format: FORMAT.to_owned(),
            key: key_text(&self.public_key()),
            origin: self.reader().origin().to_owned(),
            payloads: erasure.positions.len() as u64,
            positions_sha256: base64(&digest(&erasure.positions)),
            purged_at_ms: erasure.purged_at_ms,
            subject: erasure.subject.clone(),
            version: VERSION,
        };
        // JSON is UTF-8.
        Ok(String::from_utf8_lossy(&sign_line(self.key(), "receipt", &receipt)).into_owned())
    }
}

fn digest(positions: &[Position]) -> [u8; 32] {
    let mut hash = Sha256::new();
    positions.iter().for_each(|position| hash.update(format!("{position}\n")));
    hash.finalize().into()
}

impl Receipt {
    /// Reads a receipt and checks that the key in it has signed it and its checkpoint, and that the checkpoint covers the erasure. Whether
    /// the key is the log's, whoever calls this compares.
    ///
    /// # Errors
    /// As [`ReceiptError`] says.
    pub fn open(text: &str) -> Result<Self, ReceiptError> {
        let shape = |what: &dyn ToString| ReceiptError::Shape(what.to_string());
        let line = text.trim_end_matches(['\r', '\n']);
        if line.len() > RECEIPT_BYTES_MAX {
            return Err(shape(&"it is too long"));
        }
        let Wire { receipt, signature } = serde_json::from_str(line).map_err(|error| shape(&error))?;
        if receipt.format != FORMAT || receipt.version != VERSION {
            return Err(shape(&format!("it is of format {:?}, version {}", receipt.format, receipt.version)));
        }
        let key = key_from(&receipt.key).map_err(|error| shape(&error))?;
        let signature = from_base64("signature", &signature).map_err(|error| shape(&error))?;
        let signed = signed_bytes(&receipt);
        if !key.verifies(&signed, &signature) {
            return Err(ReceiptError::Signature);
        }
        // A member twice, or other spaces, would be another text with the same signature.
        let canonical =
            [br#"{"receipt":"#, signed.as_slice(), br#","signature":""#, base64(&signature).as_bytes(), b"\"}"].concat();
        if canonical != line.as_bytes() {
            return Err(shape(&"it is not written as it was signed"));
        }
        let checkpoint = Checkpoint::open(&receipt.checkpoint, &receipt.origin, &key).map_err(ReceiptError::Checkpoint)?;
        if checkpoint.position < receipt.ended_at {
            return Err(ReceiptError::Checkpoint("it was made before the erasure ended".to_owned()));
        }
        Ok(receipt)
    }
}
