//! Whether an event is what it seems to be, as [`Trust`]. The library judges; this only names the verdict.

use hearth_web_state::message::Trust;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk_ui::timeline::{EventTimelineItem, TimelineEventShieldState as Shield, TimelineEventShieldStateCode as Code};

/// Of an item of a timeline. What was deleted has nothing left to trust.
pub(crate) fn trust_of(event: &EventTimelineItem) -> Trust {
    if event.content().is_redacted() { Trust::Fine } else { of_shield(event.get_shield(false)) }
}

/// Of an event that is in no timeline, from a chat that is encrypted or not.
pub(crate) fn trust_of_raw(event: &TimelineEvent, is_encrypted: bool) -> Trust {
    match event.encryption_info() {
        Some(info) => of_shield(info.verification_state.to_shield_state_lax().into()),
        None if is_encrypted && !event.kind.is_utd() => Trust::SentInClear,
        None => Trust::Fine,
    }
}

fn of_shield(shield: Shield) -> Trust {
    let (Shield::Red { code } | Shield::Grey { code }) = shield else { return Trust::Fine };
    match code {
        Code::AuthenticityNotGuaranteed => Trust::Unproven,
        Code::UnknownDevice => Trust::UnknownDevice,
        Code::UnsignedDevice => Trust::UnsignedDevice,
        // Nobody is asked to verify everybody they talk with.
        Code::UnverifiedIdentity => Trust::Fine,
        Code::VerificationViolation => Trust::ChangedIdentity,
        Code::MismatchedSender => Trust::WrongSender,
        Code::SentInClear => Trust::SentInClear,
    }
}
