//! Notes of the system, the tab's icon and the program's badge. How a browser shows them is in a script of `index.html`.

use hearth_web_state::{
    chats::Signs,
    told::{Note, Telling, Wishes},
};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationPermission};

use super::call_page;

/// Remembers what somebody wishes to be told.
const WISHES_KEY: &str = "hearth.notifications";

/// Whether notes may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// They may.
    Granted,
    /// The person has refused.
    Denied,
    /// Nobody has asked yet.
    Open,
    /// The browser has none.
    Missing,
}

/// Whether notes may be shown.
pub(crate) fn permission() -> Permission {
    let known = super::window().and_then(|window| Reflect::get(&window, &"Notification".into()).ok());
    if known.is_none_or(|known| known.is_undefined()) {
        return Permission::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Open,
    }
}

/// Asks the person whether notes may be shown, unless that is decided.
pub(crate) async fn ask_permission() -> Permission {
    if permission() == Permission::Open
        && let Ok(asked) = Notification::request_permission()
    {
        // Whatever comes of it, what holds now is looked up.
        let _ = JsFuture::from(asked).await;
    }
    permission()
}

/// What somebody wishes to be told; nothing if they have not said.
pub(crate) fn wishes() -> Option<Wishes> {
    super::stored(WISHES_KEY).map(|text| Wishes::parse(&text))
}

/// Keeps what somebody wishes to be told.
pub(crate) fn keep_wishes(wishes: Wishes) {
    super::store(WISHES_KEY, &wishes.to_text());
}

/// Shows a note, or takes one away.
pub(crate) fn carry_out(telling: &Telling) {
    match telling {
        Telling::Show(Note { tag, title, body, chat, is_silent }) => {
            let [tag, title, body, chat] = [tag, title, body, chat].map(|text| JsValue::from_str(text));
            call_page("hearthTell", &[tag, title, body, chat, JsValue::from_bool(*is_silent)]);
        }
        Telling::Remove(tag) => call_page("hearthUntell", &[JsValue::from_str(tag)]),
    }
}

/// Sets the window's title, the mark on its icon and the badge of the installed program.
pub(crate) fn set_signs(signs: &Signs) {
    super::set_title(&signs.title);
    call_page("hearthSign", &[JsValue::from(signs.unread)]);
}

/// The chat whose note was pressed.
pub(super) fn pressed(event: &web_sys::Event) -> Option<String> {
    Reflect::get(event.unchecked_ref(), &"detail".into()).ok()?.as_string()
}
