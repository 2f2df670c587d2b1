//! `POST /_matrix/client/v3/keys/query`

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::Rejection;
use engine::Engine;
use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, DeviceId, OwnedDeviceId, OwnedUserId, UserId,
    api::client::keys::get_keys::v3::Request,
};
use serde_json::{Value, json};
use views::{
    Rows, ViewFault,
    keys::{device_keys_after, self_signing_key, signed_master_key, user_signing_key},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    paged::{Page, Paged, answer},
};

/// People whose keys are asked for in one request.
const USERS_MAX: usize = 10_000;
/// Devices of one person that are read at once; the keys of one have at most 16 KiB.
const STEP_DEVICES: usize = 16;
/// People that are looked at in one step.
const STEP_USERS: usize = 256;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    if request.device_keys.len() > USERS_MAX {
        return Err(Rejection::invalid_param("Ask for the keys of at most 10,000 people at once.").into());
    }
    let is_ours = |(user, _): &(OwnedUserId, Vec<OwnedDeviceId>)| user.server_name() == engine.server_name();
    let (users, others): (Vec<_>, Vec<_>) = request.device_keys.into_iter().partition(is_ours);
    let failures = others.into_iter().map(|(user, _)| (user.server_name().to_string(), json!({}))).collect();
    let place = Place { part: Part::Failures, user: users.len(), after: None, is_begun: false };
    answer(engine, Keys { sender, failures, users, place }).await
}

/// The parts of the answer, in their order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Failures,
    DeviceKeys,
    MasterKeys,
    SelfSigningKeys,
    UserSigningKeys,
}

impl Part {
    /// What stands in front of it: the end of the part before, and its name.
    const fn opening(self) -> &'static str {
        match self {
            Self::Failures => "{\"failures\":",
            Self::DeviceKeys => ",\"device_keys\":{",
            Self::MasterKeys => "},\"master_keys\":{",
            Self::SelfSigningKeys => "},\"self_signing_keys\":{",
            Self::UserSigningKeys => "},\"user_signing_keys\":{",
        }
    }

    const fn next(self) -> Option<Self> {
        match self {
            Self::Failures => Some(Self::DeviceKeys),
            Self::DeviceKeys => Some(Self::MasterKeys),
            Self::MasterKeys => Some(Self::SelfSigningKeys),
            Self::SelfSigningKeys => Some(Self::UserSigningKeys),
            Self::UserSigningKeys => None,
        }
    }
}

/// How far an answer has come.
struct Place {
    part: Part,
    /// Which of the people is next, or is being told of.
    user: usize,
    /// The device of theirs that was looked at last; none before the first.
    after: Option<OwnedDeviceId>,
    /// Whether the innermost object has something in it.
    is_begun: bool,
}

/// The keys of people, from some place on.
struct Keys {
    sender: Sender,
    /// Servers that are not asked, which are all others.
    failures: BTreeMap<String, Value>,
    users: Vec<(OwnedUserId, Vec<OwnedDeviceId>)>,
    place: Place,
}

impl Paged for Keys {
    fn reader(&self) -> &UserId {
        &self.sender.user_id
    }

    fn step(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<bool, ApiError> {
        for _ in 0..STEP_USERS {
            if page.is_full() {
                return Ok(false);
            }
            if self.place.user < self.users.len() {
                self.tell(rows, page)?;
            } else if let Some(part) = self.place.part.next() {
                if self.place.part == Part::Failures {
                    page.push(Part::Failures.opening());
                    page.value(&self.failures)?;
                }
                page.push(part.opening());
                self.place = Place { part, user: 0, after: None, is_begun: false };
            } else {
                page.push("}}");
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Keys {
    /// Tells of the person who is next, and goes on to the one behind when all is told.
    fn tell(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<(), ViewFault> {
        let Some((user, _)) = self.users.get(self.place.user) else { return Ok(()) };
        let key = match self.place.part {
            Part::DeviceKeys => return self.tell_devices(rows, page),
            Part::MasterKeys => signed_master_key(rows, user, &self.sender.user_id)?,
            Part::SelfSigningKeys => self_signing_key(rows, user)?,
            Part::UserSigningKeys if *user == self.sender.user_id => user_signing_key(rows, user)?,
            Part::UserSigningKeys | Part::Failures => None,
        };
        if let Some(key) = key {
            named_value(page, self.place.is_begun, user, &key)?;
            self.place.is_begun = true;
        }
        self.place.user += 1;
        Ok(())
    }

    /// Tells of some devices: those that are asked for, or all when none is named, each with the name its owner gave it.
    fn tell_devices(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<(), ViewFault> {
        let Place { user: number, after, is_begun, .. } = &mut self.place;
        let Some((user, wanted)) = self.users.get(*number) else { return Ok(()) };
        if after.is_none() {
            page.push(if *number == 0 { "" } else { "," });
            page.value(user)?;
            page.push(":{");
            *is_begun = false;
        }
        let devices = device_keys_after(rows, user, after.as_deref(), STEP_DEVICES)?;
        let is_last = devices.len() < STEP_DEVICES;
        for (device_id, keys) in devices {
            // Not before the first one: without a device that was looked at, the person would be begun again.
            if page.is_full() && after.is_some() {
                return Ok(());
            }
            if wanted.is_empty() || wanted.contains(&device_id) {
                named_value(page, *is_begun, &device_id, &with_name(rows, user, &device_id, keys)?)?;
                *is_begun = true;
            }
            *after = Some(device_id);
        }
        if is_last {
            page.push("}");
            self.place = Place { part: Part::DeviceKeys, user: *number + 1, after: None, is_begun: false };
        }
        Ok(())
    }
}

/// Adds a member to an object that has some already or none.
fn named_value(
    page: &mut Page,
    is_begun: bool,
    name: impl AsRef<str>,
    value: &CanonicalJsonObject,
) -> Result<(), ViewFault> {
    page.push(if is_begun { "," } else { "" });
    page.value(name.as_ref())?;
    page.push(":");
    page.value(value)
}

fn with_name(
    rows: &dyn Rows,
    user_id: &UserId,
    device_id: &DeviceId,
    mut keys: CanonicalJsonObject,
) -> Result<CanonicalJsonObject, ViewFault> {
    if let Some(name) = views::accounts::device(rows, user_id, device_id)?.and_then(|device| device.display_name) {
        let name = ("device_display_name".to_owned(), CanonicalJsonValue::String(name));
        keys.insert("unsigned".to_owned(), CanonicalJsonValue::Object([name].into_iter().collect()));
    }
    Ok(keys)
}
