//! Joins, leaves, invites, kicks, bans, unbans and knocks (spec: "Room membership").

use ruma::{
    CanonicalJsonObject, OwnedRoomId, OwnedUserId, UserId,
    events::{
        StateEventType, TimelineEventType,
        room::{
            join_rules::{AllowRule, JoinRule, RoomJoinRulesEventContent},
            member::MembershipState,
        },
    },
};

use super::{
    build::{PduDraft, build_pdu},
    content::member_content,
    member::MemberProfile,
    pdu::PduAdded,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection, lookup::Lookup};

/// The longest reason for a change of membership, bytes.
pub const REASON_BYTES_MAX: usize = 1_024;
/// Rooms of a restricted room's rule that are looked at; who is only in one that comes later is not let in.
const ALLOWED_ROOMS_MAX: usize = 200;

/// What is done to a membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembershipAction {
    /// The target, who is the sender, joins.
    Join,
    /// The target, who is the sender, leaves, or turns an invite down.
    Leave,
    /// The target, who is the sender, asks to be let in.
    Knock,
    /// The sender invites the target.
    Invite {
        /// Marks the invite as a direct conversation.
        is_direct: bool,
    },
    /// The sender throws the target out, or takes an invite back.
    Kick,
    /// The sender bans the target.
    Ban,
    /// The sender ends the target's ban.
    Unban,
    /// The target, who is the sender, has a new name or avatar in their profile.
    Rename,
}

impl MembershipAction {
    /// Whether it is for those who are in the room to do to somebody else.
    fn is_on_others(&self) -> bool {
        match self {
            Self::Invite { .. } | Self::Kick | Self::Ban | Self::Unban => true,
            Self::Join | Self::Leave | Self::Knock | Self::Rename => false,
        }
    }
}

/// Changes a membership.
#[derive(Clone, Debug)]
pub struct ChangeMembership {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who does it.
    pub sender: OwnedUserId,
    /// Whose membership.
    pub target: OwnedUserId,
    /// What is done.
    pub action: MembershipAction,
    /// Why.
    pub reason: Option<String>,
}

impl Command for ChangeMembership {
    type On = RoomState;
    type Reply = ();

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if self.reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
            return Err(Rejection::invalid_param("The reason is too long."));
        }
        if self.action.is_on_others() && state.membership(&self.sender) != MembershipState::Join {
            return Err(not_in_room());
        }
        let current = state.membership(&self.target);
        if self.changes_nothing(state, &current)? {
            return Ok(Decision::AlreadyDone(()));
        }
        let content = self.content(state, context.lookup)?;
        if self.action == MembershipAction::Rename && Some(&content) == member(state, &self.target).as_ref() {
            return Ok(Decision::AlreadyDone(()));
        }
        let draft = PduDraft {
            sender: self.sender,
            event_type: TimelineEventType::RoomMember,
            state_key: Some(self.target.to_string()),
            content,
            redacts: None,
        };
        let pdu = build_pdu(state, draft, context)?;
        Ok(Decision::accept([Fact::PduAdded(PduAdded { pdu, transaction: None })], ()))
    }
}

impl ChangeMembership {
    /// Whether what is asked for is so already.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN` when the target is not what the action presumes. The authorization rules would let a kick of
    /// somebody who never was in the room pass.
    fn changes_nothing(&self, state: &RoomState, current: &MembershipState) -> Result<bool, Rejection> {
        use MembershipState as Is;
        match (&self.action, current) {
            (MembershipAction::Join, Is::Join) | (MembershipAction::Knock, Is::Knock) => Ok(true),
            (MembershipAction::Leave, Is::Leave) => {
                if state.get(&StateEventType::RoomMember, self.target.as_str()).is_some() {
                    Ok(true)
                } else {
                    Err(Rejection::forbidden("You are not in this room."))
                }
            }
            (MembershipAction::Ban, Is::Ban) => Ok(self.reason.is_none()),
            (MembershipAction::Kick, Is::Leave | Is::Ban) => Err(Rejection::forbidden("They are not in this room.")),
            (MembershipAction::Unban, Is::Ban) => Ok(false),
            (MembershipAction::Unban, _) => Err(Rejection::forbidden("They are not banned from this room.")),
            (MembershipAction::Invite { .. }, Is::Join) => Err(Rejection::forbidden("They are in this room already.")),
            (MembershipAction::Invite { .. }, Is::Invite) => Ok(state.is_invited_by(&self.target, &self.sender)),
            (MembershipAction::Rename, Is::Join) => Ok(false),
            (MembershipAction::Rename, _) => Ok(true),
            _ => Ok(false),
        }
    }

    fn content(&self, state: &RoomState, lookup: &dyn Lookup) -> Result<CanonicalJsonObject, Rejection> {
        let named = |membership| -> Result<CanonicalJsonObject, Rejection> {
            Ok(member_content(membership, Some(&lookup.profile(&self.target)?), self.reason.as_deref()))
        };
        let nameless = |membership| member_content(membership, None, self.reason.as_deref());
        Ok(match &self.action {
            MembershipAction::Join => {
                let mut content = named("join")?;
                if let Some(authorizer) = authorizer(state, &self.target, lookup)? {
                    content.insert("join_authorised_via_users_server".to_owned(), authorizer.to_string().into());
                }
                content
            }
            MembershipAction::Invite { is_direct } => {
                if !lookup.is_account(&self.target)? {
                    return Err(no_such_person());
                }
                let mut content = named("invite")?;
                if *is_direct {
                    content.insert("is_direct".to_owned(), true.into());
                }
                content
            }
            MembershipAction::Knock => named("knock")?,
            // A leave or a ban says no name: it is the last thing that others get of somebody.
            MembershipAction::Leave | MembershipAction::Kick | MembershipAction::Unban => nameless("leave"),
            MembershipAction::Ban => nameless("ban"),
            MembershipAction::Rename => renamed(state, &self.target, lookup.profile(&self.target)?),
        })
    }
}

/// The current member content of somebody.
fn member(state: &RoomState, user: &UserId) -> Option<CanonicalJsonObject> {
    state.get(&StateEventType::RoomMember, user.as_str()).and_then(|pdu| pdu.content_as())
}

/// The current member content with another name and avatar; a restricted room's authorizer need not be found again.
fn renamed(state: &RoomState, target: &UserId, profile: MemberProfile) -> CanonicalJsonObject {
    let mut content = member(state, target).unwrap_or_default();
    for key in ["displayname", "avatar_url", "reason", "is_direct", "join_authorised_via_users_server"] {
        content.remove(key);
    }
    let MemberProfile { display_name, avatar_url } = profile;
    let fields = [("displayname", display_name), ("avatar_url", avatar_url)];
    content.extend(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
    content
}

/// Who lets somebody join a restricted room by being in an allowed one (spec: "Restricted rooms"). None when nobody
/// needs to, and when nobody can: the authorization rules refuse the join then.
fn authorizer(state: &RoomState, joiner: &UserId, lookup: &dyn Lookup) -> Result<Option<OwnedUserId>, Rejection> {
    if matches!(state.membership(joiner), MembershipState::Invite | MembershipState::Join) {
        return Ok(None);
    }
    let rule = state
        .get(&StateEventType::RoomJoinRules, "")
        .and_then(|pdu| pdu.content_as::<RoomJoinRulesEventContent>())
        .map(|content| content.join_rule);
    let (Some(JoinRule::Restricted(restricted)) | Some(JoinRule::KnockRestricted(restricted))) = rule else {
        return Ok(None);
    };
    if !is_in_any(&restricted.allow, joiner, lookup)? {
        return Ok(None);
    }
    let levels = state.power_levels()?;
    Ok(state.joined().find(|user| levels.user_can_invite(user)))
}

/// Whether somebody is joined to one of the rooms whose members are let in.
fn is_in_any(allowed: &[AllowRule], user: &UserId, lookup: &dyn Lookup) -> Result<bool, Rejection> {
    for rule in allowed.iter().take(ALLOWED_ROOMS_MAX) {
        if let AllowRule::RoomMembership(allowed) = rule
            && lookup.membership(&allowed.room_id, user)? == Some(MembershipState::Join)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// 403 `M_FORBIDDEN`, for rooms that do not exist as well: who is not in a room is not told whether it exists.
pub(crate) fn not_in_room() -> Rejection {
    Rejection::forbidden("You are not in this room.")
}

/// 404 `M_NOT_FOUND` for people whom this server does not know: without federation nobody could come.
pub(super) fn no_such_person() -> Rejection {
    Rejection::not_found("There is no such person here.")
}
