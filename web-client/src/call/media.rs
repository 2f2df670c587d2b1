//! Microphones, cameras, screens and loudspeakers, as the browser gives them. It keeps nothing.

use hearth_web_state::call::{CaptureError, Wanted};
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DisplayMediaStreamConstraints, DomException, HtmlMediaElement, MediaDeviceInfo, MediaDeviceKind, MediaDevices,
    MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

use crate::browser;

/// One device in the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// The browser's id of it, different on every site.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) label: String,
}

/// All devices there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Devices {
    /// Microphones.
    pub(crate) microphones: Vec<Device>,
    /// Cameras.
    pub(crate) cameras: Vec<Device>,
    /// Loudspeakers; empty when the browser lets nobody choose.
    pub(crate) speakers: Vec<Device>,
}

/// What the browser has for devices; `None` in an insecure page or a very old browser.
pub(crate) fn media_devices() -> Option<MediaDevices> {
    let navigator = browser::window()?.navigator();
    let devices = Reflect::get(&navigator, &"mediaDevices".into()).ok()?;
    devices.dyn_into().ok()
}

/// Asks for microphone and camera at once, so that the person is asked once. A device that was chosen and is gone is
/// replaced by the browser's own choice.
///
/// # Errors
/// Why there is none.
pub(crate) async fn capture(microphone: Option<Wanted>, camera: Option<Wanted>) -> Result<MediaStream, CaptureError> {
    let is_chosen = |wanted: &Option<Wanted>| wanted.as_ref().is_some_and(|wanted| wanted.device_id.is_some());
    let chosen = is_chosen(&microphone) || is_chosen(&camera);
    match capture_exactly(microphone.as_ref(), camera.as_ref()).await {
        Err(CaptureError::NoDevice) if chosen => {
            let any = |wanted: Option<Wanted>| wanted.map(|_| Wanted::default());
            capture_exactly(any(microphone).as_ref(), any(camera).as_ref()).await
        }
        given => given,
    }
}

async fn capture_exactly(microphone: Option<&Wanted>, camera: Option<&Wanted>) -> Result<MediaStream, CaptureError> {
    let constraints = MediaStreamConstraints::new();
    if let Some(wanted) = microphone {
        let audio = chosen(wanted);
        for quality in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
            set(&audio, quality, &JsValue::TRUE);
        }
        constraints.set_audio(&audio);
    }
    if let Some(wanted) = camera {
        let video = chosen(wanted);
        set(&video, "width", &ideal(&1280.into()));
        set(&video, "height", &ideal(&720.into()));
        set(&video, "frameRate", &ideal(&30.into()));
        if wanted.device_id.is_none() {
            set(&video, "facingMode", &"user".into());
        }
        constraints.set_video(&video);
    }
    let devices = media_devices().ok_or_else(missing)?;
    let asked = devices.get_user_media_with_constraints(&constraints).map_err(|error| refusal(&error))?;
    stream(asked).await
}

/// Lets the person pick a screen, a window or a tab, with its sound where the browser has it.
///
/// # Errors
/// Why there is none; [`CaptureError::Denied`] also when the person picked nothing.
pub(crate) async fn capture_screen() -> Result<MediaStream, CaptureError> {
    let devices = media_devices().ok_or_else(missing)?;
    if !has(&devices, "getDisplayMedia") {
        return Err(CaptureError::Failed);
    }
    let constraints = DisplayMediaStreamConstraints::new();
    let video = Object::new();
    set(&video, "frameRate", &ideal(&30.into()));
    constraints.set_video(&video);
    constraints.set_audio(&JsValue::TRUE);
    let asked = devices.get_display_media_with_constraints(&constraints).map_err(|error| refusal(&error))?;
    stream(asked).await
}

/// Whether the browser can connect to another one, and to devices once the page is a secure one.
pub(crate) fn can_connect() -> bool {
    let Some(window) = browser::window() else { return false };
    has(&window, "RTCPeerConnection") && (media_devices().is_some() || !window.is_secure_context())
}

/// Whether the browser can share a screen at all.
pub(crate) fn can_share_screen() -> bool {
    media_devices().is_some_and(|devices| has(&devices, "getDisplayMedia"))
}

/// The devices there are now. Without permission they have no names.
pub(crate) async fn devices() -> Devices {
    let mut found = Devices::default();
    let Some(asked) = media_devices().and_then(|devices| devices.enumerate_devices().ok()) else { return found };
    let Ok(list) = JsFuture::from(asked).await else { return found };
    for info in Array::from(&list).iter().filter_map(|item| item.dyn_into::<MediaDeviceInfo>().ok()) {
        let (list, what) = match info.kind() {
            MediaDeviceKind::Audioinput => (&mut found.microphones, "Microphone"),
            MediaDeviceKind::Videoinput => (&mut found.cameras, "Camera"),
            MediaDeviceKind::Audiooutput if can_choose_speaker() => (&mut found.speakers, "Speaker"),
            _ => continue,
        };
        let label = if info.label().is_empty() { format!("{what} {}", list.len() + 1) } else { info.label() };
        list.push(Device { id: info.device_id(), label });
    }
    found
}

/// Plays through this loudspeaker; `false` when the browser does not let us.
pub(crate) async fn set_speaker(element: &HtmlMediaElement, id: &str) -> bool {
    let Some(function) = function(element, "setSinkId") else { return false };
    let Ok(asked) = function.call1(element, &id.into()).and_then(JsCast::dyn_into::<Promise>) else { return false };
    JsFuture::from(asked).await.is_ok()
}

/// The tracks of one kind, "audio" or "video", as a stream of their own; `None` when there are none.
pub(crate) fn only(stream: &MediaStream, kind: &str) -> Option<MediaStream> {
    let of_kind = tracks(stream).into_iter().filter(|track| track.kind() == kind).collect::<Array>();
    if of_kind.length() == 0 { None } else { MediaStream::new_with_tracks(&of_kind).ok() }
}

/// Every track of a stream.
pub(crate) fn tracks(stream: &MediaStream) -> Vec<MediaStreamTrack> {
    stream.get_tracks().iter().filter_map(|track| track.dyn_into().ok()).collect()
}

/// The device that a stream comes from.
pub(crate) fn device_id(stream: &MediaStream) -> Option<String> {
    tracks(stream).first()?.get_settings().get_device_id()
}

/// Tells the browser that letters must stay sharp, rather than movements smooth.
pub(crate) fn prefer_detail(track: &MediaStreamTrack) {
    // A browser that does not know it does what it thinks best.
    let _ = Reflect::set(track, &"contentHint".into(), &"detail".into());
}

/// Lets go of the devices behind a stream.
pub(crate) fn stop(stream: &MediaStream) {
    for track in tracks(stream) {
        track.stop();
    }
}

fn can_choose_speaker() -> bool {
    let Some(document) = browser::window().and_then(|window| window.document()) else { return false };
    document.create_element("audio").is_ok_and(|element| has(&element, "setSinkId"))
}

async fn stream(asked: Promise) -> Result<MediaStream, CaptureError> {
    let given = JsFuture::from(asked).await.map_err(|error| refusal(&error))?;
    given.dyn_into().map_err(|_| CaptureError::Failed)
}

fn missing() -> CaptureError {
    let is_secure = browser::window().is_some_and(|window| window.is_secure_context());
    if is_secure { CaptureError::Failed } else { CaptureError::InsecureOrigin }
}

fn refusal(error: &JsValue) -> CaptureError {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "NotAllowedError" => CaptureError::Denied,
        "NotFoundError" | "OverconstrainedError" => CaptureError::NoDevice,
        "NotReadableError" | "AbortError" => CaptureError::InUse,
        "SecurityError" => CaptureError::InsecureOrigin,
        _ => CaptureError::Failed,
    }
}

/// Browsers take a mere wish for a microphone lightly, so the device that was chosen is demanded.
fn chosen(wanted: &Wanted) -> Object {
    let constraints = Object::new();
    if let Some(id) = &wanted.device_id {
        let demand = Object::new();
        set(&demand, "exact", &id.as_str().into());
        set(&constraints, "deviceId", &demand);
    }
    constraints
}

fn ideal(value: &JsValue) -> JsValue {
    let constraint = Object::new();
    set(&constraint, "ideal", value);
    constraint.into()
}

fn set(object: &Object, key: &str, value: &JsValue) {
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(object, &key.into(), value);
}

fn has(object: &JsValue, name: &str) -> bool {
    function(object, name).is_some()
}

fn function(object: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(object, &name.into()).ok()?.dyn_into().ok()
}
