//! Stored keys as ruma's types.

use ruma::serde::Raw;
use serde::Serialize;
use serde_json::value::to_raw_value;
use views::ViewFault;

/// JSON that was checked before as the type that a response is made of.
pub(super) fn raw<T>(value: &impl Serialize) -> Result<Raw<T>, ViewFault> {
    let json = to_raw_value(value).map_err(|error| ViewFault::caused("a key does not encode", error))?;
    Ok(Raw::from_json(json))
}
