//! The direct chats that are being opened, so that each is opened once.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_util::future::{LocalBoxFuture, Shared};
use hearth_web_state::trouble::Trouble;
use matrix_sdk::ruma::OwnedUserId;

/// A direct chat being opened, to its id. Cloning shares it.
pub(super) type Opening = Shared<LocalBoxFuture<'static, Result<String, Trouble>>>;

/// The direct chats opened in this visit, by whom they are with. A chat made a moment ago is not in the library's list
/// yet; without these, somebody picked twice would get two.
pub(super) type Openings = Rc<RefCell<HashMap<OwnedUserId, Opening>>>;
