//! Microphone, camera and screen within a call: opening, replacing, giving back.

use super::{
    CallEffect, CaptureError, Direction, EndReason, Kind, MediaId, Notice, Slot, Ticket,
    desk::Turn,
    input::Device,
    one::{Call, Stage},
};

impl Call {
    /// Opens what the call begins with.
    pub(super) fn open_media(&mut self, turn: &mut Turn<'_>, camera: bool) {
        let ticket = turn.capture(true, camera);
        self.media.pending.insert(Slot::Microphone, ticket);
        if camera {
            self.media.pending.insert(Slot::Camera, ticket);
        }
    }

    /// Whether the call waits for what it begins with.
    fn is_opening(&self) -> bool {
        matches!(self.stage, Stage::Preparing | Stage::Accepting) && self.link.is_none()
    }

    pub(super) fn on_captured(
        &mut self,
        turn: &mut Turn<'_>,
        ticket: Ticket,
        slots: &[Slot],
        result: Result<(), CaptureError>,
    ) {
        let wanted = |slot: &Slot| self.media.pending.get(slot) == Some(&ticket);
        let (kept, late): (Vec<Slot>, Vec<Slot>) = slots.iter().partition(|slot| wanted(slot));
        if result.is_ok() {
            for slot in late {
                turn.push(CallEffect::Release { media: MediaId { ticket, slot } });
            }
        }
        if kept.is_empty() {
            return;
        }
        for slot in &kept {
            self.media.pending.remove(slot);
        }
        match (self.is_opening(), result) {
            (true, Ok(())) => self.opened(turn, ticket, &kept),
            (true, Err(error)) => self.not_opened(turn, &kept, error),
            (false, Ok(())) => kept.iter().for_each(|slot| self.replace(turn, MediaId { ticket, slot: *slot })),
            (false, Err(error)) => kept.iter().for_each(|slot| self.not_replaced(*slot, error)),
        }
    }

    fn opened(&mut self, turn: &mut Turn<'_>, ticket: Ticket, slots: &[Slot]) {
        for slot in slots {
            self.media.live.insert(*slot, MediaId { ticket, slot: *slot });
        }
        self.enable_microphone(turn);
        self.proceed(turn);
    }

    /// Devices are open: on to the connection.
    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) {
        match self.direction {
            Direction::Outgoing => self.open_to_offer(turn),
            Direction::Incoming => self.open_to_answer(turn),
        }
    }

    /// Without a camera a call is still a call; without a microphone it is none.
    fn not_opened(&mut self, turn: &mut Turn<'_>, slots: &[Slot], error: CaptureError) {
        if slots.contains(&Slot::Camera) {
            self.notice = Some(Notice::NoCamera(error));
            if self.direction == Direction::Outgoing {
                self.kind = Kind::Voice;
            }
            self.open_media(turn, false);
        } else {
            self.end(turn, EndReason::NoMicrophone(error));
        }
    }

    fn enable_microphone(&self, turn: &mut Turn<'_>) {
        if let Some(media) = self.media.live.get(&Slot::Microphone) {
            turn.push(CallEffect::Enable { media: *media, on: !self.media.muted });
        }
    }

    fn replace(&mut self, turn: &mut Turn<'_>, media: MediaId) {
        let before = self.media.live.insert(media.slot, media);
        if media.slot == Slot::Microphone {
            self.enable_microphone(turn);
        }
        self.attach(turn, media);
        if let Some(before) = before {
            turn.push(CallEffect::Release { media: before });
        }
        self.notice = None;
        // The screen's stream is made known with the offer that carries it.
        if media.slot != Slot::Screen {
            self.tell_streams(turn);
        }
    }

    fn not_replaced(&mut self, slot: Slot, error: CaptureError) {
        self.notice = match slot {
            Slot::Microphone => {
                self.media.muted |= !self.media.live.contains_key(&slot);
                Some(Notice::NoMicrophone(error))
            }
            Slot::Camera => Some(Notice::NoCamera(error)),
            // Whoever closes the picker knows it.
            Slot::Screen if error == CaptureError::Denied => None,
            Slot::Screen => Some(Notice::NoScreen(error)),
        };
    }

    pub(super) fn set_muted(&mut self, turn: &mut Turn<'_>, muted: bool) {
        if self.media.muted == muted || !self.is_live() || self.stage == Stage::Ringing {
            return;
        }
        self.media.muted = muted;
        self.enable_microphone(turn);
        let gone = !self.media.live.contains_key(&Slot::Microphone) && !self.media.pending.contains_key(&Slot::Microphone);
        if !muted && gone && self.is_announced() {
            self.recapture(turn, Slot::Microphone);
        }
        self.tell_streams(turn);
    }

    pub(super) fn set_camera(&mut self, turn: &mut Turn<'_>, on: bool) {
        if !self.is_announced() {
            return;
        }
        if !on {
            self.turn_off(turn, Slot::Camera);
        } else if self.is_legacy() {
            // There is no place for a picture that the call did not begin with, and none can be asked for.
        } else if !self.media.live.contains_key(&Slot::Camera) && !self.media.pending.contains_key(&Slot::Camera) {
            self.recapture(turn, Slot::Camera);
        }
    }

    pub(super) fn set_sharing(&mut self, turn: &mut Turn<'_>, on: bool) {
        if !self.is_answered() || self.is_legacy() {
            return;
        }
        if !on {
            self.turn_off(turn, Slot::Screen);
        } else if !self.media.live.contains_key(&Slot::Screen) && !self.media.pending.contains_key(&Slot::Screen) {
            let ticket = turn.capture_screen();
            self.media.pending.insert(Slot::Screen, ticket);
        }
    }

    fn recapture(&mut self, turn: &mut Turn<'_>, slot: Slot) {
        let ticket = turn.capture(slot == Slot::Microphone, slot == Slot::Camera);
        self.media.pending.insert(slot, ticket);
    }

    fn turn_off(&mut self, turn: &mut Turn<'_>, slot: Slot) {
        self.media.pending.remove(&slot);
        let Some(media) = self.media.live.remove(&slot) else { return };
        // To answer, nothing is sent before the offer is set.
        if let Some(link) = self.link.as_ref().filter(|link| link.remote_set || self.direction == Direction::Outgoing) {
            turn.push(CallEffect::Detach { peer: link.peer, slot });
        }
        turn.push(CallEffect::Release { media });
        self.tell_streams(turn);
    }

    /// Another device was chosen: what is open moves to it, and what is being opened is opened there instead.
    pub(super) fn choose(&mut self, turn: &mut Turn<'_>, device: Device) {
        let slot = match device {
            Device::Microphone => Slot::Microphone,
            Device::Camera => Slot::Camera,
            Device::Speaker => return,
        };
        let pending = self.media.pending.contains_key(&slot);
        if pending && self.is_opening() {
            // The call waits for one capture of all it begins with; what the one before brings is given back.
            self.open_media(turn, self.media.pending.contains_key(&Slot::Camera));
        } else if pending || self.media.live.contains_key(&slot) {
            self.recapture(turn, slot);
        }
    }

    pub(super) fn on_media_ended(&mut self, turn: &mut Turn<'_>, media: MediaId) {
        if self.media.live.get(&media.slot) != Some(&media) {
            return;
        }
        match media.slot {
            Slot::Microphone => {
                // Another microphone may be there; the one that was chosen is not.
                turn.desk.choose(Device::Microphone, None);
                self.media.live.remove(&media.slot);
                turn.push(CallEffect::Release { media });
                self.recapture(turn, Slot::Microphone);
                // Until there is another one, if there is, nobody is heard from here.
                self.tell_streams(turn);
            }
            Slot::Camera => {
                turn.desk.choose(Device::Camera, None);
                self.turn_off(turn, Slot::Camera);
                self.notice = Some(Notice::NoCamera(CaptureError::NoDevice));
            }
            Slot::Screen => self.turn_off(turn, Slot::Screen),
        }
    }
}
