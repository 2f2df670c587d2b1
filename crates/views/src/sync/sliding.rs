//! Simplified sliding sync (MSC4186): a window on the rooms with the newest activity, over a connection that remembers
//! what it has told.
//!
//! The memory is a value: [`sync`] takes what was told before and gives what is told now. Keeping it, and taking it back
//! when a response was lost, is the API's business. It is not in the log: a server that restarted makes it anew from the position
//! ([`rebuilt()`]).

mod connection;
mod extensions;
mod list;
mod quiet;
mod rebuilt;
mod required;
mod room;
mod wanted;

use projection::{Rows, ViewFault, position_of_snapshot};
use ruma::api::client::sync::sync_events::v5::{Request, Response};

use super::{Caller, Typing};
use crate::SyncToken;

pub use connection::Connection;
pub use rebuilt::rebuilt;

use connection::{Scope, is_present};
use wanted::{shown_rooms, wanted_rooms};

/// An answer, what the connection has told with it, and whether it tells anything.
pub struct Answer {
    /// With an empty `pos`, which the caller of [`sync`] fills in.
    pub response: Response,
    /// To be given to the next [`sync`].
    pub connection: Connection,
    /// True when there is nothing new: the caller may wait and ask again.
    pub is_empty: bool,
    /// Which rooms were told up to the same position.
    pub coverage: Coverage,
}

/// Which rooms were told up to the position of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Every room: all of them stood in the windows.
    All,
    /// Those that stood in the windows.
    Windows,
}

/// Everything new for the caller in the windows that are asked for.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn sync(
    rows: &dyn Rows,
    caller: Caller<'_>,
    request: &Request,
    before: &Connection,
    typing: &dyn Typing,
) -> Result<Answer, ViewFault> {
    let position = position_of_snapshot(rows)?.0;
    let scope = Scope { rows, caller, before, typing, position };
    let mut response = Response::new(String::new());
    response.txn_id.clone_from(&request.txn_id);
    let mut connection = before.clone();
    connection.told = SyncToken { position, typing: typing.newest() };

    let of_user = shown_rooms(rows, caller)?;
    let wanted = wanted_rooms(scope, request, &of_user, &list::windows, (&mut response, &mut connection))?;
    for (room_id, wanted) in &wanted {
        let Some(of_user) = of_user.get(room_id) else { continue };
        let shown = before.shown(room_id);
        if let Some((room, now)) = room::news(scope, room_id, of_user, wanted, shown)? {
            if let Some(room) = room {
                response.rooms.insert(room_id.clone(), room);
            }
            connection.rooms.insert(room_id.clone(), now);
        }
    }
    connection.tidy_sets();
    let has_all = of_user.iter().all(|(room, of_user)| !is_present(of_user) || wanted.contains_key(room));
    let more_waits = extensions::add(scope, request, &mut response, &mut connection)?;
    let is_empty = !more_waits
        && response.rooms.is_empty()
        && connection.counts == before.counts
        && connection.keys == before.keys
        && extensions::is_empty(&response.extensions)
        && before.told != SyncToken::default();
    let coverage = if has_all { Coverage::All } else { Coverage::Windows };
    Ok(Answer { response, connection, is_empty, coverage })
}
