//! Joins, leaves, invites, kicks, bans, unbans and knocks (spec: "Room membership").

use ruma::{
    CanonicalJsonObject, OwnedRoomId, OwnedUserId,
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
    content::{MemberProfile, Person, member_content},
    pdu::PduAdded,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection, Stream};

/// The longest reason for a change of membership, bytes.
pub const REASON_BYTES_MAX: usize = 1_024;

/// What is done to a membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembershipAction {
    /// The target, who is the sender, joins; `shared_rooms` are the rooms they are in, for restricted rooms.
    Join {
        /// Rooms that the sender is joined to.
        shared_rooms: Vec<OwnedRoomId>,
    },
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
    /// The target, who is the sender, has a new name or avatar.
    Rename,
}

/// Changes a membership.
#[derive(Clone, Debug)]
pub struct ChangeMembership {
    /// Who does it.
    pub sender: OwnedUserId,
    /// Whose membership.
    pub target: Person,
    /// What is done.
    pub action: MembershipAction,
    /// Why.
    pub reason: Option<String>,
}

impl Command for ChangeMembership {
    type State = RoomState;
    type Reply = ();

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let stream = Stream::Room(state.id()?.clone());
        if self.reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
            return Err(Rejection::invalid_param("The reason is too long."));
        }
        let current = state.membership(&self.target.user_id);
        if self.changes_nothing(state, &current)? {
            return Ok(Decision::AlreadyDone(()));
        }
        let content = self.content(state)?;
        let draft = PduDraft {
            sender: self.sender,
            event_type: TimelineEventType::RoomMember,
            state_key: Some(self.target.user_id.to_string()),
            content,
            redacts: None,
        };
        let pdu = build_pdu(state, draft, context)?;
        Ok(Decision::accept(&stream, [Fact::PduAdded(PduAdded { pdu, transaction: None })], ()))
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
            (MembershipAction::Join { .. }, Is::Join) | (MembershipAction::Knock, Is::Knock) => Ok(true),
            (MembershipAction::Leave, Is::Leave) => {
                if state.get(&StateEventType::RoomMember, self.target.user_id.as_str()).is_some() {
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
            (MembershipAction::Invite { .. }, Is::Invite) => Ok(state.is_invited_by(&self.target.user_id, &self.sender)),
            (MembershipAction::Rename, Is::Join) => Ok(false),
            (MembershipAction::Rename, _) => Ok(true),
            _ => Ok(false),
        }
    }

    fn content(&self, state: &RoomState) -> Result<CanonicalJsonObject, Rejection> {
        let profile = Some(&self.target.profile);
        let reason = self.reason.as_deref();
        Ok(match &self.action {
            MembershipAction::Join { shared_rooms } => {
                let mut content = member_content("join", profile, reason);
                if let Some(authorizer) = authorizer(state, &self.target.user_id, shared_rooms)? {
                    content.insert("join_authorised_via_users_server".to_owned(), authorizer.to_string().into());
                }
                content
            }
            MembershipAction::Invite { is_direct } => {
                let mut content = member_content("invite", profile, reason);
                if *is_direct {
                    content.insert("is_direct".to_owned(), true.into());
                }
                content
            }
            MembershipAction::Knock => member_content("knock", profile, reason),
            // A leave or a ban says no name: it is the last thing that others get of somebody.
            MembershipAction::Leave | MembershipAction::Kick | MembershipAction::Unban => {
                member_content("leave", None, reason)
            }
            MembershipAction::Ban => member_content("ban", None, reason),
            MembershipAction::Rename => renamed(state, &self.target),
        })
    }
}

/// The current member content with another name and avatar; a restricted room's authorizer need not be found again.
fn renamed(state: &RoomState, target: &Person) -> CanonicalJsonObject {
    let mut content = state
        .get(&StateEventType::RoomMember, target.user_id.as_str())
        .and_then(|pdu| pdu.content_as::<CanonicalJsonObject>())
        .unwrap_or_default();
    for key in ["displayname", "avatar_url", "reason", "is_direct", "join_authorised_via_users_server"] {
        content.remove(key);
    }
    let MemberProfile { display_name, avatar_url } = &target.profile;
    let fields = [("displayname", display_name), ("avatar_url", avatar_url)];
    content.extend(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into()))));
    content
}

/// Who lets somebody join a restricted room by being in an allowed one (spec: "Restricted rooms"). None when nobody
/// needs to, and when nobody can: the authorization rules refuse the join then.
fn authorizer(
    state: &RoomState,
    joiner: &OwnedUserId,
    shared_rooms: &[OwnedRoomId],
) -> Result<Option<OwnedUserId>, Rejection> {
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
    let is_member_of_allowed = restricted.allow.iter().any(|allow| match allow {
        AllowRule::RoomMembership(allowed) => shared_rooms.contains(&allowed.room_id),
        _ => false,
    });
    if !is_member_of_allowed {
        return Ok(None);
    }
    let levels = state.power_levels()?;
    Ok(state.joined().find(|user| levels.user_can_invite(user)))
}
