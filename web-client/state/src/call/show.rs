//! From the machine's state to what is shown.

use super::{
    CallView, Can, OwnMedia, Phase, RemoteMedia, Slot, Switch, TrackKind,
    one::{Call, Stage},
    signal::Purpose,
};

impl Call {
    pub(super) fn is_shown(&self) -> bool {
        !self.is_history && self.rings_at_ms.is_none()
    }

    pub(super) fn view(&self, can_connect: bool) -> CallView {
        CallView {
            call_id: self.id.clone(),
            chat: self.chat.clone(),
            direction: self.direction,
            kind: self.kind,
            phase: self.phase(),
            connected_since_ms: self.connected_since_ms,
            own: OwnMedia { muted: self.media.muted, camera: self.switch(Slot::Camera), sharing: self.switch(Slot::Screen) },
            remote: self.remote(),
            quality: if self.stage == Stage::Connected { self.quality() } else { super::Quality::Good },
            notice: self.notice,
            can: self.can(can_connect),
        }
    }

    fn phase(&self) -> Phase {
        match self.stage {
            Stage::Preparing => Phase::Preparing,
            Stage::Accepting if self.link.is_none() => Phase::Preparing,
            Stage::Inviting => Phase::Calling,
            Stage::Ringing => Phase::Ringing,
            Stage::Accepting | Stage::Connecting => Phase::Connecting,
            Stage::Connected => Phase::Connected,
            Stage::Reconnecting => Phase::Reconnecting,
            Stage::Ended(reason) => Phase::Ended(reason),
        }
    }

    fn switch(&self, slot: Slot) -> Switch {
        match (self.media.live.get(&slot), self.media.pending.contains_key(&slot)) {
            (Some(media), _) => Switch::On(*media),
            (None, true) => Switch::Starting,
            (None, false) => Switch::Off,
        }
    }

    /// Streams count once their tracks are there; without a description the first one is the person's.
    fn remote(&self) -> RemoteMedia {
        let has = |id: &str, kind: TrackKind| self.remote_tracks.iter().any(|(track, of)| track == id && *of == kind);
        let has_any = |id: &str| has(id, TrackKind::Audio) || has(id, TrackKind::Video);
        let described =
            |purpose: Purpose| self.remote_streams.iter().find(|(id, stream)| stream.purpose == purpose && has_any(id));
        let user = described(Purpose::Usermedia);
        let undescribed = || self.remote_tracks.iter().map(|(id, _)| id).find(|id| !self.remote_streams.contains_key(*id));
        let user_id = user.map(|(id, _)| id).or_else(undescribed);
        RemoteMedia {
            user_stream_id: user_id.cloned(),
            muted: user.is_some_and(|(_, stream)| stream.audio_muted),
            holds: self.link.as_ref().is_some_and(|link| link.on_hold),
            camera_on: user_id.is_some_and(|id| has(id, TrackKind::Video))
                && user.is_none_or(|(_, stream)| !stream.video_muted),
            screen_stream_id: described(Purpose::Screenshare)
                .filter(|(id, _)| has(id, TrackKind::Video))
                .map(|(id, _)| id.clone()),
        }
    }

    fn can(&self, can_connect: bool) -> Can {
        Can {
            accept: self.stage == Stage::Ringing && can_connect,
            decline: self.stage == Stage::Ringing,
            hang_up: self.is_live() && self.stage != Stage::Ringing,
            mute: self.is_live() && self.stage != Stage::Ringing,
            camera: self.is_announced() && (!self.is_legacy() || self.media.live.contains_key(&Slot::Camera)),
            share: self.is_answered() && !self.is_legacy(),
            dismiss: !self.is_live(),
        }
    }
}
