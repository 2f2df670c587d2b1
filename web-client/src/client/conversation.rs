//! One open conversation: its timeline as changes, and what can be done in it.

mod acting;
mod info;
mod quoting;
mod refused;
mod sending;

use std::{collections::HashMap, rc::Rc};

use futures_util::{FutureExt, StreamExt, pin_mut, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::{ConversationChange, Paging},
    list::ListChange,
    trouble::Trouble,
};
use matrix_sdk::{
    Room, RoomMemberships,
    event_cache::{PaginationStatus, RoomEventCacheUpdate, Subscriber},
    ruma::{
        OwnedUserId,
        api::client::receipt::create_receipt::v3::ReceiptType,
        events::{
            AnySyncMessageLikeEvent, AnySyncTimelineEvent,
            fully_read::FullyReadEventContent,
            room::message::{Relation, SyncRoomMessageEvent},
        },
        room_version_rules::RoomVersionRules,
    },
};
use matrix_sdk_base::BaseClient;
use matrix_sdk_ui::{
    eyeball_im::VectorDiff,
    timeline::{Timeline, TimelineBuilder, TimelineReadReceiptTracking, default_event_filter},
};

use super::{Account, rows, rows::Viewer, trouble::of_timeline};
use crate::browser;

/// How many older messages are asked for at once.
pub(crate) const PAGE: u16 = 40;
/// How often a timeline is built anew because something happened meanwhile, and the pause before.
const MAX_BUILDS: u32 = 20;
const REBUILD_PAUSE_MS: u32 = 50;

/// An open conversation. Cloning shares it.
#[derive(Clone)]
pub(crate) struct OpenConversation {
    timeline: Rc<Timeline>,
    base: BaseClient,
}

impl PartialEq for OpenConversation {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.timeline, &other.timeline)
    }
}

/// Every change to the events that are kept of a chat.
type KeptChanges = Subscriber<RoomEventCacheUpdate>;

impl Account {
    /// Opens a conversation from what is kept locally. The changes are for [`OpenConversation::watch`].
    ///
    /// # Errors
    /// When the chat is not known or its timeline cannot be built.
    pub(crate) async fn open_conversation(&self, chat_id: &str) -> Result<(OpenConversation, KeptChanges), Trouble> {
        let room = self.room(chat_id)?;
        let (timeline, kept) = settled_timeline(&room).await.map_err(|error| {
            browser::warn(&format!("opening a conversation: {error}"));
            of_timeline(&error)
        })?;
        Ok((OpenConversation { timeline: Rc::new(timeline), base: self.base.clone() }, kept))
    }
}

/// Builds a timeline at a moment when nothing else happens in its chat.
///
/// The library's timeline listens to changes before it reads what is there, so a change that comes in between is
/// counted twice: messages then stand twice or vanish later on. The first sync of a chat made a moment ago is just such
/// a change. So it is watched whether one came while the timeline was built, and if so the timeline is built anew.
async fn settled_timeline(room: &Room) -> Result<(Timeline, KeptChanges), matrix_sdk_ui::timeline::Error> {
    // The timeline asks for this in that very gap, and for a new chat it is a request to the server.
    let _ = room.latest_encryption_state().await;
    let (cache, _guard) = room.event_cache().await?;
    let mut builds = 1;
    loop {
        let (_, changes) = cache.subscribe().await?;
        let timeline = build_timeline(room).await?;
        if changes.is_empty() || builds >= MAX_BUILDS {
            return Ok((timeline, changes));
        }
        builds += 1;
        TimeoutFuture::new(REBUILD_PAUSE_MS).await;
    }
}

async fn build_timeline(room: &Room) -> Result<Timeline, matrix_sdk_ui::timeline::Error> {
    TimelineBuilder::new(room)
        .track_read_marker_and_receipts(TimelineReadReceiptTracking::MessageLikeEvents)
        .event_filter(is_shown)
        .build()
        .await
}

/// Whether an event has a row of its own.
pub(super) fn is_shown(event: &AnySyncTimelineEvent, rules: &RoomVersionRules) -> bool {
    // State events other than membership would only be hidden rows; leaving them out keeps pages full.
    let may_be = match event {
        AnySyncTimelineEvent::State(state) => state.event_type().to_string() == "m.room.member",
        AnySyncTimelineEvent::MessageLike(_) => true,
    };
    // Of calls, what begins and what ends them: a row is made of these, and the many others fill no pages.
    may_be && (default_event_filter(event, rules) || is_message(event) || tells_of_call(event))
}

/// A message of whatever kind: the library leaves out those that it does not know, and then they would be in the list
/// of chats and not in the chat.
fn is_message(event: &AnySyncTimelineEvent) -> bool {
    let AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(SyncRoomMessageEvent::Original(message))) =
        event
    else {
        return false;
    };
    !matches!(message.content.relates_to, Some(Relation::Replacement(_)))
}

fn tells_of_call(event: &AnySyncTimelineEvent) -> bool {
    let AnySyncTimelineEvent::MessageLike(message) = event else { return false };
    let kinds = ["m.call.invite", "m.call.answer", "m.call.hangup", "m.call.reject"];
    message.original_content().is_some() && kinds.contains(&message.event_type().to_string().as_str())
}

impl OpenConversation {
    /// Reports the rows, paging and typing, and every change to them. Returns when the conversation has to be opened
    /// anew: the library's timeline miscounts from the moment on when what is kept is cut down to the newest, as after
    /// a long absence, while something waits to be sent. It forgets the rows then, but not the events without a row.
    pub(crate) async fn watch(&self, mut kept: KeptChanges, mut report: impl FnMut(ConversationChange)) {
        let (refusals, refused) = self.refusals().await;
        let own_id = self.room().own_user_id().to_owned();
        let mut viewer = Viewer { own_id, names: self.names_of_all().await, refusals };
        let (mut items, diffs) = self.timeline.subscribe().await;
        let rows = items.iter().map(|item| rows::to_row(item, &viewer)).collect();
        report(ConversationChange::Rows(vec![ListChange::Reset(rows)]));
        report(ConversationChange::Typing(Vec::new()));
        report(ConversationChange::Opened);
        let (_typing_guard, mut typing) = self.room().subscribe_to_typing_notifications();
        let (paging_now, paging) = match self.timeline.live_back_pagination_status().await {
            Some((now, stream)) => (Some(now), stream.left_stream()),
            None => (None, futures_util::stream::pending().right_stream()),
        };
        if let Some(status) = paging_now {
            report(ConversationChange::Paging(to_paging(&status)));
        }
        pin_mut!(diffs, paging, refused);
        loop {
            select! {
                batch = diffs.next().fuse() => {
                    let Some(batch) = batch else { return };
                    batch.iter().for_each(|diff| diff.clone().apply(&mut items));
                    let changes = batch.into_iter().map(|diff| rows::to_change(diff, &viewer)).collect();
                    report(ConversationChange::Rows(changes));
                },
                entry = refused.next().fuse() => if let Some(entry) = entry {
                    viewer.refusals.add(entry);
                    report(ConversationChange::Rows(rows::unreadable(&items, &viewer)));
                },
                status = paging.next().fuse() => if let Some(status) = status {
                    report(ConversationChange::Paging(to_paging(&status)));
                },
                users = typing.recv().fuse() => if let Ok(users) = users {
                    report(ConversationChange::Typing(self.names(users).await));
                },
                change = kept.recv().fuse() => match change {
                    Ok(RoomEventCacheUpdate::UpdateTimelineEvents(update)) if update.diffs.iter().any(is_cut) => return,
                    Ok(RoomEventCacheUpdate::UpdateMembers { .. }) => {
                        viewer.names = self.names_of_all().await;
                        report(ConversationChange::Rows(rows::reacted(&items, &viewer)));
                    }
                    Ok(_) => {}
                    // A cut may be among what was missed.
                    Err(_) => return,
                },
            }
        }
    }

    /// Fetches older messages; true when there are none left.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn page_back(&self) -> Result<bool, Trouble> {
        self.timeline.paginate_backwards(PAGE).await.map_err(|error| of_timeline(&error))
    }

    /// How many messages one has not read, and the event up to which one has, if that is known.
    pub(crate) async fn unread(&self) -> (u64, Option<String>) {
        let marked = self.room().account_data_static::<FullyReadEventContent>().await;
        let marked = marked.ok().flatten().and_then(|event| event.deserialize().ok());
        (self.room().num_unread_messages(), marked.map(|event| event.content.event_id.to_string()))
    }

    /// Tells the others that everything was read.
    pub(crate) async fn mark_read(&self) {
        self.receipt(ReceiptType::Read).await;
    }

    /// Moves the line under which new messages go to the end.
    pub(crate) async fn move_line(&self) {
        self.receipt(ReceiptType::FullyRead).await;
    }

    /// Tells the others that one types, or has stopped.
    pub(crate) async fn type_notice(&self, typing: bool) {
        // A lost notice is not worth a word.
        let _ = self.room().typing_notice(typing).await;
    }

    async fn receipt(&self, kind: ReceiptType) {
        if let Err(error) = self.timeline.mark_as_read(kind).await {
            browser::warn(&format!("marking as read: {error}"));
        }
    }

    fn room(&self) -> &Room {
        self.timeline.room()
    }

    async fn names_of_all(&self) -> HashMap<OwnedUserId, String> {
        let members = self.room().members_no_sync(RoomMemberships::ACTIVE).await.unwrap_or_default();
        members.into_iter().map(|member| (member.user_id().to_owned(), member.name().to_owned())).collect()
    }

    async fn names(&self, users: Vec<OwnedUserId>) -> Vec<String> {
        let mut names = Vec::with_capacity(users.len());
        for user in users {
            let member = self.room().get_member_no_sync(&user).await.ok().flatten();
            names.push(member.map_or_else(|| rows::short_name(user.as_str()), |member| member.name().to_owned()));
        }
        names
    }
}

fn is_cut<T>(diff: &VectorDiff<T>) -> bool {
    matches!(diff, VectorDiff::Clear)
}

fn to_paging(status: &PaginationStatus) -> Paging {
    match status {
        PaginationStatus::Idle { hit_timeline_start: true } => Paging::AtStart,
        PaginationStatus::Idle { hit_timeline_start: false } => Paging::Idle,
        PaginationStatus::Paginating => Paging::Loading,
    }
}
