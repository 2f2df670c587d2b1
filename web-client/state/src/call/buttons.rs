//! The buttons that begin, take and end a call. Those for what one sends in it are with the media.
//!
//! Each names every stage, so that one in which it does nothing is a decision: there the button is off ([`super::Can`]).

use super::{
    Chat, Direction, EndReason, Kind, Tone,
    desk::Turn,
    one::{Call, Stage},
    ring::turn_away,
};

/// The call button. While the person to be called rings here, both mean the same call.
pub(super) fn start(call: &mut Option<Call>, turn: &mut Turn<'_>, call_id: String, chat: Chat, video: bool) {
    match call {
        // The button is off, as is the one below.
        _ if !turn.desk.settings.can_connect => {}
        Some(ringing) if ringing.stage == Stage::Ringing && ringing.chat.user_id == chat.user_id => {
            ringing.accept(turn, video);
        }
        // It is shown, and the button is off ([`super::CallButton`]).
        Some(live) if live.is_live() && live.is_shown() => {}
        before => {
            if let Some(unheard) = before.as_ref().filter(|call| call.is_live()) {
                // What has not rung yet keeps nobody from calling. A moment later its caller would be told the same.
                turn_away(turn, &unheard.chat, &unheard.id, unheard.kind, unheard.is_legacy());
            }
            let kind = if video { Kind::Video } else { Kind::Voice };
            let mut placed = Call::new(call_id, chat, Direction::Outgoing, kind, Stage::Preparing);
            placed.deadline_ms = Some(turn.now_ms + turn.desk.settings.ring_ms);
            placed.open_media(turn, video);
            *before = Some(placed);
        }
    }
}

impl Call {
    pub(super) fn accept(&mut self, turn: &mut Turn<'_>, video: bool) {
        match self.stage {
            Stage::Ringing if turn.desk.settings.can_connect => {
                self.rings_at_ms = None;
                turn.play(Tone::Silence);
                // The deadline stays: an answer after the invite has expired reaches nobody.
                self.stage = Stage::Accepting;
                self.open_media(turn, video);
            }
            Stage::Ringing
            | Stage::Preparing
            | Stage::Inviting
            | Stage::Accepting
            | Stage::Connecting
            | Stage::Connected
            | Stage::Reconnecting
            | Stage::Ended(_) => {}
        }
    }

    pub(super) fn decline(&mut self, turn: &mut Turn<'_>) {
        match self.stage {
            Stage::Ringing | Stage::Accepting => self.end(turn, EndReason::Declined),
            Stage::Preparing
            | Stage::Inviting
            | Stage::Connecting
            | Stage::Connected
            | Stage::Reconnecting
            | Stage::Ended(_) => {}
        }
    }

    pub(super) fn hang_up(&mut self, turn: &mut Turn<'_>) {
        match self.stage {
            Stage::Ringing | Stage::Accepting => self.end(turn, EndReason::Declined),
            Stage::Preparing | Stage::Inviting => self.end(turn, EndReason::Cancelled),
            Stage::Connecting | Stage::Connected | Stage::Reconnecting => self.end(turn, EndReason::HungUp),
            Stage::Ended(_) => {}
        }
    }
}
