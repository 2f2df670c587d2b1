//! The other side of STUN, as far as it takes to see whether somebody answers: a binding request, and what answers it.

use rand::Rng as _;

use super::message::{BINDING_REQUEST, BINDING_SUCCESS, COOKIE};

/// By what the asker knows the answer.
pub(crate) type Transaction = [u8; 12];

/// A binding request without attributes, and its transaction.
pub(crate) fn question() -> ([u8; 20], Transaction) {
    let mut transaction = Transaction::default();
    rand::rng().fill_bytes(&mut transaction);
    let mut question = [0; 20];
    // The two bytes between are the length of the attributes, of which there are none.
    for (place, byte) in
        question.iter_mut().zip([BINDING_REQUEST, [0, 0]].concat().into_iter().chain(COOKIE).chain(transaction))
    {
        *place = byte;
    }
    (question, transaction)
}

/// Whether it is the answer to the question of that transaction.
pub(crate) fn is_answer(datagram: &[u8], transaction: &Transaction) -> bool {
    datagram.starts_with(&BINDING_SUCCESS)
        && datagram.get(4..8) == Some(&COOKIE)
        && datagram.get(8..20) == Some(transaction.as_slice())
}
