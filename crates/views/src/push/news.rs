//! What there is to tell a pusher: events and invitations that notify its owner, and how much is unread in all. Looked up when it is
//! told, so that what was read meanwhile is not told, and nothing is kept for those who cannot be reached.

use projection::{Rows, ViewFault, position_of_snapshot};
use ruma::{OwnedRoomId, RoomId, events::room::member::MembershipState, push::Action};

use crate::{
    Reader,
    membership::{is_unwanted, joined_rooms, member, rooms_of},
    receipts::{PushRules, notifies, notifying_since, unread},
    rooms::{TimelineRow, entry_at, room_info},
};

/// Events that a pusher is told of one by one; if there are more, it is told of the newest. The count has the others.
const NEWS_MAX: usize = 20;

/// What there is to tell a pusher.
#[derive(Debug)]
pub struct News {
    /// Oldest first.
    pub events: Vec<NewEvent>,
    /// Unread messages in all rooms.
    pub unread: u32,
    /// The position in the log that all of this is as of.
    pub through: u64,
}

/// One event to tell of.
#[derive(Debug)]
pub struct NewEvent {
    /// Its position.
    pub position: u64,
    /// The room.
    pub room_id: OwnedRoomId,
    /// The event.
    pub row: TimelineRow,
    /// What the owner's push rules say is to be done.
    pub actions: Vec<Action>,
    /// What the sender is called there.
    pub sender_name: Option<String>,
    /// What the room is called.
    pub room_name: Option<String>,
}

/// What there is to tell a pusher, of events that are younger than `since_ms` (milliseconds since the epoch).
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn news(rows: &dyn Rows, reader: &Reader, after: u64, since_ms: u64) -> Result<News, ViewFault> {
    let mut news = News { events: Vec::new(), unread: 0, through: position_of_snapshot(rows)?.0 };
    for room in joined_rooms(rows, reader.user())? {
        let count = unread(rows, &room, reader)?.notification_count;
        news.unread = news.unread.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        // What is not unread is not new.
        if count > 0 {
            for ((position, row), actions) in notifying_since(rows, &room, reader, after, NEWS_MAX)? {
                news.events.push(event(rows, &room, position, row, actions)?);
            }
        }
    }
    for invitation in invitations(rows, reader, after)? {
        news.events.push(invitation);
    }
    news.events.retain(|event| event.row.origin_server_ts > since_ms);
    news.events.sort_unstable_by_key(|event| event.position);
    news.events.drain(..news.events.len().saturating_sub(NEWS_MAX));
    Ok(news)
}

fn invitations(rows: &dyn Rows, reader: &Reader, after: u64) -> Result<Vec<NewEvent>, ViewFault> {
    let mut found = Vec::new();
    for (room, of_user) in rooms_of(rows, reader.user())? {
        let is_new = of_user.membership == MembershipState::Invite && of_user.position > after;
        if !is_new || is_unwanted(rows, reader, &room, &of_user)? {
            continue;
        }
        let Some(row) = entry_at(rows, room.as_str(), of_user.position)? else { continue };
        let actions = PushRules::of(rows, &room, reader.user())?.actions(&row)?.to_vec();
        if notifies(&actions).0 {
            found.push(event(rows, &room, of_user.position, row, actions)?);
        }
    }
    Ok(found)
}

fn event(
    rows: &dyn Rows,
    room: &RoomId,
    position: u64,
    row: TimelineRow,
    actions: Vec<Action>,
) -> Result<NewEvent, ViewFault> {
    let sender_name = member(rows, room, &row.sender)?.and_then(|member| member.display_name);
    let room_name = room_info(rows, room)?.and_then(|info| info.name);
    Ok(NewEvent { position, room_id: room.to_owned(), row, actions, sender_name, room_name })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{NEWS_MAX, news};
    use crate::fixture::{World, user};

    /// Positions of what is told of bob's rooms after a position, and how much is unread.
    fn told(world: &World, after: u64, since_ms: u64) -> (Vec<u64>, u32) {
        let news = news(&*world.rows(), &world.reader("bob"), after, since_ms).unwrap();
        (news.events.iter().map(|event| event.position).collect(), news.unread)
    }

    #[test]
    fn what_is_told_is_what_notifies_and_is_new_and_unread() {
        let mut world = World::default();
        let mut said = Vec::new();
        for room in ["r", "s"] {
            world.create(room, "alice");
            world.send(room, "alice", "m.room.encrypted", json!({}));
            world.member(room, "alice", "bob", "join");
            said.push(world.send(room, "alice", "m.room.encrypted", json!({})));
            world.set(room, "alice", "m.room.topic", "", json!({ "topic": "Tea" }));
        }
        assert_eq!(told(&world, 0, 0), (said.clone(), 2), "nothing of before bob came, and no state");
        assert_eq!(told(&world, said[0], 0), (vec![said[1]], 2), "the count is of all");
        assert_eq!(told(&world, 0, said[0] * 1_000), (vec![said[1]], 2), "what is old is counted and not told");
        world.create("t", "alice");
        let invited = world.member("t", "alice", "bob", "invite");
        assert_eq!(told(&world, said[1], 0), (vec![invited], 2));
        assert_eq!(told(&world, invited, 0), (vec![], 2));
        world.redact("alice", said[1]);
        assert_eq!(told(&world, said[0], 0), (vec![invited], 1), "what was taken back");
        world.send("r", "bob", "m.room.encrypted", json!({}));
        assert_eq!(told(&world, 0, 0), (vec![invited], 0), "who writes in a room has read it");
        let many: Vec<u64> = (0..30).map(|_| world.send("r", "alice", "m.room.encrypted", json!({}))).collect();
        assert_eq!(told(&world, invited, 0), (many[many.len() - NEWS_MAX..].to_vec(), 30), "the newest");
        let content = json!({ "ignored_users": { "@alice:h": {} } });
        world.fact(domain::Fact::AccountDataSet(domain::user::data::AccountDataSet {
            content: serde_json::value::to_raw_value(&content).unwrap(),
            room_id: None,
            event_type: "m.ignored_user_list".to_owned(),
            user_id: user("bob"),
        }));
        assert_eq!(told(&world, 0, 0), (vec![], 0), "nothing of whom bob ignores");
    }
}
