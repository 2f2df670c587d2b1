//! The threads of a room, as one person may see them.

use std::{collections::HashMap, ops::ControlFlow};

use domain::room::RelatesTo;
use projection::{Rows, ViewFault};
use ruma::{EventId, OwnedEventId, RoomId, UserId};

use crate::{
    membership::Sight,
    rooms::{Relation, entry_of, newest_related, replies_through},
};

/// How many replies are looked at to fill one page of threads.
const THREAD_PAGE_ROWS_MAX: usize = 10_000;

/// Which threads are listed.
#[derive(Clone, Copy, Debug)]
pub enum ThreadScope<'a> {
    /// Every thread.
    All,
    /// Those that this user wrote in.
    Participated(&'a UserId),
}

/// The roots of a room's threads that `sight` has replies of, the one with the newest such reply first, each with the
/// position of that reply. Those whose newest reply is at or before position `through`; at most `limit`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn thread_roots(
    rows: &dyn Rows,
    room: &RoomId,
    sight: &Sight,
    scope: ThreadScope<'_>,
    through: u64,
    limit: usize,
) -> Result<Vec<(u64, OwnedEventId)>, ViewFault> {
    let mut roots = Vec::new();
    let mut looked_at = 0;
    // Looked up once for each thread: one in which a lot is hidden would else be read anew for each of its replies.
    let mut newest: HashMap<OwnedEventId, Option<u64>> = HashMap::new();
    replies_through(rows, room, through, |position, root| {
        looked_at += 1;
        let newest_here = match newest.get(&root) {
            Some(known) => *known,
            None => {
                let found = newest_related(rows, room, &root, |reply| is_thread(&reply.1) && sight.may_see(reply))?;
                newest.insert(root.clone(), found);
                found
            }
        };
        // A thread is listed where the newest reply is that may be seen, and nowhere else.
        if newest_here == Some(position) && is_in_scope(rows, room, sight, scope, &root)? {
            roots.push((position, root));
        }
        let goes_on = roots.len() < limit && looked_at < THREAD_PAGE_ROWS_MAX;
        Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(roots)
}

fn is_thread(relation: &Relation) -> bool {
    relation.rel_type == RelatesTo::THREAD
}

fn is_in_scope(
    rows: &dyn Rows,
    room: &RoomId,
    sight: &Sight,
    scope: ThreadScope<'_>,
    root: &EventId,
) -> Result<bool, ViewFault> {
    let ThreadScope::Participated(user) = scope else {
        return Ok(true);
    };
    if entry_of(rows, room, root)?.is_some_and(|(_, row)| row.sender == user) {
        return Ok(true);
    }
    let own =
        newest_related(rows, room, root, |reply| is_thread(&reply.1) && reply.1.sender == user && sight.may_see(reply))?;
    Ok(own.is_some())
}
