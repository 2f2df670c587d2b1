//! The path between the two browsers and the bounds in time: connecting, broken, coming back, given up.

use super::{
    CaptureError, Connection, Direction, EndReason, PeerId, Quality,
    desk::Turn,
    one::{Call, Stage},
};

/// Who hangs up closes the connection and says why in the chat. The words are waited for, so that both sides tell the same;
/// a page that was closed says none, and the call is over within a second all the same.
const LAST_WORD_WITHIN_MS: u64 = 500;

/// The called side leaves it to the caller to ask for a new path first.
const POLITE_WAIT_MS: u64 = 3_000;

const WEAK_LOSS_PERMILLE: u16 = 30;
const BAD_LOSS_PERMILLE: u16 = 100;
const WEAK_RTT_MS: u32 = 400;
const BAD_RTT_MS: u32 = 1_000;

impl Call {
    pub(super) fn on_connection(&mut self, turn: &mut Turn<'_>, peer: PeerId, state: Connection) {
        let current = self.link.as_ref().is_some_and(|link| link.peer == peer);
        if !current || !self.is_answered() {
            return;
        }
        match (state, self.stage) {
            (Connection::Closed, _) => {
                self.closed_at_ms.get_or_insert(turn.now_ms + LAST_WORD_WITHIN_MS);
            }
            (Connection::Connected, _) => {
                self.enter(Stage::Connected, None);
                self.restart_at_ms = None;
                self.connected_since_ms.get_or_insert(turn.now_ms);
            }
            (Connection::Disconnected | Connection::Failed, Stage::Connected) => {
                self.enter(Stage::Reconnecting, Some(turn.now_ms + turn.desk.settings.reconnect_ms));
                self.ask_for_path(turn);
            }
            (Connection::Failed, Stage::Connecting | Stage::Reconnecting) => self.ask_for_path(turn),
            _ => {}
        }
    }

    /// Who closes the page hangs up; who has not said yes yet says nothing by it, and their other devices go on ringing.
    pub(super) fn on_page_closed(&mut self, turn: &mut Turn<'_>) {
        match self.stage {
            Stage::Ringing | Stage::Ended(_) => {}
            Stage::Preparing | Stage::Accepting | Stage::Inviting => self.hang_up(turn),
            Stage::Connecting | Stage::Connected | Stage::Reconnecting => self.end(turn, EndReason::PageClosed),
        }
    }

    /// The caller restarts at once, the called side a little later if nothing has come by then.
    fn ask_for_path(&mut self, turn: &mut Turn<'_>) {
        if self.direction == Direction::Incoming {
            self.restart_at_ms.get_or_insert(turn.now_ms + POLITE_WAIT_MS);
        } else {
            self.restart(turn);
        }
    }

    /// Asks for a new path now, and again after a while if that has not helped.
    fn restart(&mut self, turn: &mut Turn<'_>) {
        let wait_ms = if self.direction == Direction::Incoming { POLITE_WAIT_MS } else { 0 };
        self.restart_at_ms = Some(turn.now_ms + turn.desk.settings.restart_every_ms + wait_ms);
        self.restart_ice(turn);
    }

    pub(super) fn on_network_changed(&mut self, turn: &mut Turn<'_>) {
        match self.stage {
            Stage::Reconnecting => self.restart(turn),
            Stage::Connected => self.restart_ice(turn),
            _ => {}
        }
    }

    pub(super) fn on_measured(&mut self, peer: PeerId, loss_permille: u16, rtt_ms: u32) {
        if self.link.as_ref().is_none_or(|link| link.peer != peer) {
            return;
        }
        let measured = if loss_permille >= BAD_LOSS_PERMILLE || rtt_ms >= BAD_RTT_MS {
            Quality::Bad
        } else if loss_permille >= WEAK_LOSS_PERMILLE || rtt_ms >= WEAK_RTT_MS {
            Quality::Weak
        } else {
            Quality::Good
        };
        self.quality = [self.quality[1], measured];
    }

    /// The better of the last two measurements: one bad moment is no bad connection.
    pub(super) fn quality(&self) -> Quality {
        self.quality[0].min(self.quality[1])
    }

    pub(super) fn deadline_ms(&self) -> Option<u64> {
        if !self.is_live() {
            return None;
        }
        let of_link = self.link.as_ref().map_or([None; 2], |link| [link.flush_at_ms, link.answer_due_ms]);
        let of_call = [self.deadline_ms, self.restart_at_ms, self.rings_at_ms, self.closed_at_ms];
        of_call.into_iter().chain(of_link).flatten().min()
    }

    pub(super) fn on_tick(&mut self, turn: &mut Turn<'_>) {
        let due = |at_ms: Option<u64>| at_ms.is_some_and(|at_ms| at_ms <= turn.now_ms);
        let of_link = self.link.as_ref().map_or([None; 2], |link| [link.flush_at_ms, link.answer_due_ms]);
        let [restart, flush, repeat] = [due(self.restart_at_ms), due(of_link[0]), due(of_link[1])];
        if due(self.closed_at_ms) {
            return self.end(turn, EndReason::OtherHungUp);
        }
        if due(self.deadline_ms) {
            return self.expire(turn);
        }
        if due(self.rings_at_ms) {
            self.ring(turn);
        }
        if flush {
            self.flush(turn);
        }
        if restart {
            self.restart(turn);
        } else if repeat {
            self.repeat_offer(turn);
        }
    }

    /// The stage has lasted too long.
    fn expire(&mut self, turn: &mut Turn<'_>) {
        let reason = match self.stage {
            // Whoever leaves the browser's question open does not let the microphone be used.
            Stage::Preparing if self.link.is_none() => EndReason::NoMicrophone(CaptureError::Denied),
            Stage::Preparing => EndReason::BrowserRefused,
            Stage::Inviting if self.successor_due => EndReason::OtherFailed,
            Stage::Inviting => EndReason::NoAnswer,
            Stage::Ringing => EndReason::Missed,
            Stage::Accepting if self.link.is_none() => EndReason::Missed,
            Stage::Accepting => EndReason::BrowserRefused,
            Stage::Connecting => EndReason::NoPath,
            Stage::Connected | Stage::Reconnecting => EndReason::ConnectionLost,
            Stage::Ended(_) => return,
        };
        self.end(turn, reason);
    }
}
