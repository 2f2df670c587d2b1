//! What people want of a message, as the row and its menu report it.

use std::rc::Rc;

use hearth_web_state::message::{ActionKind, Message};

/// What somebody wants of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// To see what can be done with it.
    Menu(Rc<Message>),
    /// One of the things that can be done with it, reactions apart.
    Do(ActionKind, Rc<Message>),
    /// To react with an emoji, or take that back.
    React(Rc<Message>, String),
    /// To choose any emoji to react with.
    Choose(Rc<Message>),
    /// To see the message with this event id.
    Jump(String),
    /// To enter the recovery key.
    Unlock,
}
