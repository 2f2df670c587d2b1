//! What clients ask for, and what their messages say.

/// The sender that lets each of its messages be erased.
pub(super) const ERASING: usize = 2;
/// Keys claimed in a round, at most.
pub(super) const CLAIMS_A_ROUND: usize = 3;
/// What begins the content of messages that are to be erased.
pub(super) const PASSING: &str = "passing-";

/// One request that a client sends until it is acknowledged. Its id is `round-sender-count`, which is the transaction's too.
#[derive(Clone, Debug)]
pub(super) enum Request {
    /// A message to the room.
    Message(String),
    /// A message to Bob's device.
    ToDevice(String),
    /// Takes back the message of this id.
    Redact(String),
    /// Lets the message of this id expire, now.
    Expire(String),
}

/// What the message of this id says.
pub(super) fn marker(id: &str) -> String {
    if sender(id) == Some(ERASING) { format!("{PASSING}{id}-") } else { id.to_owned() }
}

pub(super) fn sender(id: &str) -> Option<usize> {
    id.split('-').nth(1).and_then(|number| number.parse().ok())
}
