//! The few things asked of the browser directly: storage, theme, clipboard, history, focus. No state of its own.
//!
//! Every function tolerates a browser that lacks the feature: the page goes on without it.

mod events;
pub(crate) mod files;
mod focus;
mod history;
mod lead;
mod log;
mod notes;
mod page;
mod tab;
mod tabs;

use std::{cell::Cell, rc::Rc};

use hearth_web_state::{calendar::LocalTime, theme::Theme};
use js_sys::{Date, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlTextAreaElement, Storage, Window};

pub(crate) use events::{CallKey, PageEvent, call_keys, full_screen_changes, page_events};
pub(crate) use focus::{focus_among, press, press_first};
pub(crate) use history::{history_view, set_history_view};
pub(crate) use lead::{Lead, LeadNews};
pub(crate) use log::{Anchor, edges, focus_next_article, focus_next_item, has_focus, is_above, scroll_to};
pub(crate) use notes::{Permission, ask_permission, carry_out, keep_wishes, permission, set_signs, wishes};
pub(crate) use page::{
    BootForm, can_keep, forget_invite, forget_reset, host, is_boot_sign_up, is_secure, remove_boot, take_boot,
    wait_for_wipe, wipe_and_leave,
};
pub(crate) use tab::{store_in_tab, stored_in_tab};
pub(crate) use tabs::Tabs;

/// Remembers the colours; the script in `index.html` reads it before the first paint.
const THEME_KEY: &str = "hearth.theme";

/// The window. A page without one cannot run this program.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// Writes a warning to the console: what failed, never whose or what.
pub(crate) fn warn(text: &str) {
    web_sys::console::warn_1(&JsValue::from_str(text));
}

fn local_storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}

/// A value kept in local storage.
pub(crate) fn stored(key: &str) -> Option<String> {
    local_storage()?.get_item(key).ok().flatten()
}

/// Keeps a value in local storage; `false` when the browser does not.
pub(crate) fn store(key: &str, value: &str) -> bool {
    local_storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Forgets a value kept in local storage.
pub(crate) fn unstore(key: &str) {
    if let Some(storage) = local_storage() {
        // Removing fails only where keeping would have failed too.
        let _ = storage.remove_item(key);
    }
}

/// Where the page came from: `https://chat.example.org`.
pub(crate) fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// A name for this device in the list of devices: "Chrome on Linux".
pub(crate) fn device_name() -> String {
    let agent = window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default();
    let first =
        |names: &[(&str, &str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned());
    let browser =
        first(&[("Firefox", "Firefox"), ("Edg", "Edge"), ("OPR", "Opera"), ("Chrom", "Chrome"), ("Safari", "Safari")]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => "Browser".to_owned(),
    }
}

/// A moment on the reader's wall clock; `at_ms` since the Unix epoch.
pub(crate) fn local_time(at_ms: u64) -> LocalTime {
    // Every moment this century is exact in a double.
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    let east_minutes = -date.get_timezone_offset() as i32;
    LocalTime::new(at_ms, east_minutes).counting_to_twelve(counts_to_twelve())
}

/// Whether clocks count to twelve where the reader is, as the browser knows it.
fn counts_to_twelve() -> bool {
    thread_local! { static KNOWN: bool = hour_of_twelve().unwrap_or(false); }
    KNOWN.with(|known| *known)
}

fn hour_of_twelve() -> Option<bool> {
    let options = js_sys::Object::new();
    Reflect::set(&options, &"hour".into(), &"numeric".into()).ok()?;
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &options);
    Reflect::get(&format.resolved_options(), &"hour12".into()).ok()?.as_bool()
}

/// Now, on the reader's wall clock.
pub(crate) fn now() -> LocalTime {
    local_time(Date::now() as u64)
}

/// The chosen colours.
pub(crate) fn theme() -> Theme {
    stored(THEME_KEY).map_or(Theme::System, |word| Theme::parse(&word))
}

/// Shows and keeps the chosen colours.
pub(crate) fn set_theme(theme: Theme) {
    store(THEME_KEY, theme.as_str());
    if let Some(root) = window().and_then(|window| window.document()).and_then(|document| document.document_element()) {
        // The root element takes any attribute.
        let _ = root.set_attribute("data-theme", theme.as_str());
    }
}

/// Sets the window's title.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Asks the browser not to throw the databases away when space runs short; whether they are safe. Firefox asks the person.
pub(crate) async fn ask_for_persistence() -> bool {
    let asked = window().and_then(|window| window.navigator().storage().persist().ok());
    is_true(asked).await
}

/// The same where the browser decides by itself and shows nothing: only those on Chromium's engine tell of themselves so.
pub(crate) async fn ask_quietly_for_persistence() {
    let navigator = window().map(|window| window.navigator());
    if navigator.is_some_and(|navigator| Reflect::has(&navigator, &"userAgentData".into()).unwrap_or(false)) {
        ask_for_persistence().await;
    }
}

/// Whether the databases are safe when space runs short.
pub(crate) async fn is_persistent() -> bool {
    let asked = window().and_then(|window| window.navigator().storage().persisted().ok());
    is_true(asked).await
}

async fn is_true(promise: Option<js_sys::Promise>) -> bool {
    match promise {
        Some(promise) => JsFuture::from(promise).await.is_ok_and(|answer| answer.is_truthy()),
        None => false,
    }
}

/// Puts text on the clipboard; `false` when the browser forbids it.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// Prints the page, by the styles for paper; `false` when the browser does not.
pub(crate) fn print() -> bool {
    window().is_some_and(|window| window.print().is_ok())
}

/// Offers text as a file to save.
pub(crate) fn download(file_name: &str, text: &str) -> bool {
    let saved = || -> Result<(), JsValue> {
        let document = window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
        let parts = js_sys::Array::of1(&JsValue::from_str(text));
        let options = web_sys::BlobPropertyBag::new();
        options.set_type("text/plain");
        let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
        let url = web_sys::Url::create_object_url_with_blob(&blob)?;
        let link: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(file_name);
        link.click();
        web_sys::Url::revoke_object_url(&url)
    };
    saved().is_ok()
}

/// The text of a file of this site; `None` when it did not come.
pub(crate) async fn text_at(path: &str) -> Option<String> {
    let answer = JsFuture::from(window()?.fetch_with_str(path)).await.ok()?;
    let answer: web_sys::Response = answer.dyn_into().ok().filter(web_sys::Response::ok)?;
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

fn by_id(id: &str) -> Option<HtmlElement> {
    window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Moves the keyboard focus to the element with this id.
pub(crate) fn focus(id: &str) {
    if let Some(element) = by_id(id) {
        // Focusing a hidden element fails, which is what should happen to it.
        let _ = element.focus();
    }
}

/// Moves the focus to an element that the next rendering brings.
pub(crate) fn focus_soon(id: impl Into<String>) {
    let id = id.into();
    after_rendering(move || focus(&id));
}

/// Does something once what changed just now is on the page.
pub(crate) fn after_rendering(act: impl FnOnce() + 'static) {
    wasm_bindgen_futures::spawn_local(async move {
        gloo_timers::future::TimeoutFuture::new(30).await;
        act();
    });
}

/// Whether the page shows one pane at a time.
pub(crate) fn is_narrow() -> bool {
    window().and_then(|window| window.match_media("(max-width: 48rem)").ok().flatten()).is_some_and(|media| media.matches())
}

/// Opens the dialog with this id above everything else, with the focus held inside it.
pub(crate) fn show_dialog(id: &str) {
    if let Some(dialog) = by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok())
        && !dialog.open()
    {
        // It fails only when the dialog is open already.
        let _ = dialog.show_modal();
    }
}

/// Closes the dialog that is open, if one is: nothing behind it could be pressed.
pub(crate) fn close_dialog() {
    let open =
        window().and_then(|window| window.document()).and_then(|document| document.query_selector("dialog[open]").ok()?);
    if let Some(dialog) = open.and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
        dialog.close();
    }
}

/// Puts text where the cursor of a text area stands, in the place of what is selected there, and answers the whole text.
pub(crate) fn insert_text(id: &str, text: &str) -> Option<String> {
    let area: HtmlTextAreaElement = by_id(id)?.dyn_into().ok()?;
    let from = area.selection_start().ok()??;
    area.set_range_text(text).ok()?;
    let behind = from + u32::try_from(text.encode_utf16().count()).ok()?;
    area.set_selection_range(behind, behind).ok()?;
    Some(area.value())
}

/// Lets a text area be as tall as its text, within the limits of its style.
pub(crate) fn fit_height(id: &str) {
    if let Some(element) = by_id(id) {
        let style = element.style();
        // These fail only for malformed values.
        let _ = style.set_property("height", "auto");
        let _ = style.set_property("height", &format!("{}px", element.scroll_height()));
    }
}

/// Does so whenever the window has another size too, for the life of the page: a text in fewer columns has more lines.
pub(crate) fn keep_fit(id: &'static str) {
    if let Some(window) = window() {
        listen(&window, "resize", move |_| fit_height(id));
    }
}

/// How far a bottom-anchored scroller is from its top and from its bottom, in pixels.
pub(crate) fn scroll_room(id: &str) -> Option<(i32, i32)> {
    let element = by_id(id)?;
    let below = -element.scroll_top();
    let above = element.scroll_height() - element.client_height() - below;
    Some((above, below))
}

/// Scrolls a bottom-anchored scroller to its end.
pub(crate) fn scroll_to_end(id: &str) {
    if let Some(element) = by_id(id) {
        element.set_scroll_top(0);
    }
}

/// Whether the person looks at the page: it is visible and has the focus.
pub(crate) fn is_attended() -> bool {
    window().and_then(|window| window.document()).is_some_and(|document| {
        document.visibility_state() == web_sys::VisibilityState::Visible && document.has_focus().unwrap_or(false)
    })
}

/// Whether the page is behind others, or its window is minimised.
pub(crate) fn is_hidden() -> bool {
    let document = window().and_then(|window| window.document());
    document.is_some_and(|document| document.visibility_state() == web_sys::VisibilityState::Hidden)
}

fn listen(target: &web_sys::EventTarget, event: &str, handler: impl FnMut(web_sys::Event) + 'static) {
    let closure = Closure::<dyn FnMut(web_sys::Event)>::new(handler);
    // It fails only for a listener that is no function.
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// A listener that ends with its owner.
pub(crate) struct Listening {
    target: web_sys::EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listening {
    /// Calls `handler` at each of these events until it is dropped.
    pub(crate) fn to(
        target: &web_sys::EventTarget,
        event: &'static str,
        handler: impl FnMut(web_sys::Event) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(web_sys::Event)>::new(handler);
        // It fails only for a listener that is no function.
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), event, closure }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It fails only for a listener that is no function.
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// Whether the person points with a mouse or the like; moving the focus then opens no keyboard over the page.
pub(crate) fn has_pointer() -> bool {
    window().and_then(|window| window.match_media("(hover: hover)").ok().flatten()).is_some_and(|media| media.matches())
}

/// Has the program kept, so that the page opens without a network, and a newer one looked for.
pub(crate) fn keep_program() {
    call_page("hearthKeep", &[]);
}

/// Loads the page anew with the newer program.
pub(crate) fn renew() {
    call_page("hearthRenew", &[]);
}

/// Whether a newer program was found before anybody listened.
pub(crate) fn has_newer() -> bool {
    let root = window().and_then(|window| window.document()).and_then(|document| document.document_element());
    root.is_some_and(|root| root.get_attribute("data-version").is_some())
}

/// Calls a function of the scripts in `index.html`.
fn call_page(name: &str, arguments: &[JsValue]) {
    let Some(window) = window() else { return };
    if let Ok(function) = Reflect::get(&window, &name.into()).and_then(|value| value.dyn_into::<js_sys::Function>()) {
        // They throw nothing.
        let _ = function.apply(&window, &arguments.iter().collect());
    }
}

/// The video element with this id.
pub(crate) fn video(id: &str) -> Option<web_sys::HtmlVideoElement> {
    by_id(id)?.dyn_into().ok()
}

/// Whether the keyboard focus is on anything in particular.
pub(crate) fn is_focused() -> bool {
    let active = window().and_then(|window| window.document()).and_then(|document| document.active_element());
    active.is_some_and(|element| element.tag_name() != "BODY")
}

/// Shows an element on the whole screen, or ends that.
pub(crate) fn toggle_full_screen(id: &str) {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(element) = by_id(id) {
        // A browser that refuses shows the page as before.
        let _ = element.request_fullscreen();
    }
}

/// Whether something is shown on the whole screen.
pub(crate) fn is_full_screen() -> bool {
    window().and_then(|window| window.document()).is_some_and(|document| document.fullscreen_element().is_some())
}

/// Sends everything a pointer does to this element until it is released.
pub(crate) fn capture_pointer(id: &str, pointer: i32) {
    if let Some(element) = by_id(id) {
        // A pointer that is gone already has nothing to send.
        let _ = element.set_pointer_capture(pointer);
    }
}

/// The nearest place to `wanted` at which an element, now moved by `now`, is still wholly in the window. In pixels,
/// rightward and downward.
pub(crate) fn kept_inside(id: &str, now: (f64, f64), wanted: (f64, f64)) -> (f64, f64) {
    let (Some(element), Some(window)) = (by_id(id), window()) else { return now };
    let rect = element.get_bounding_client_rect();
    let size = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window.inner_width()), size(window.inner_height()));
    let inside = |now: f64, wanted: f64, start: f64, end: f64, room: f64| {
        // Where it would begin is where it begins now, less what it was moved by, plus what it is to be moved by.
        let at = start - now + wanted;
        now - start + at.min(room - (end - start)).max(0.0)
    };
    (inside(now.0, wanted.0, rect.left(), rect.right(), width), inside(now.1, wanted.1, rect.top(), rect.bottom(), height))
}

/// Lets the browser ask before the page is left, as long as `asks` holds.
pub(crate) fn ask_before_leaving(asks: Rc<Cell<bool>>) {
    let Some(window) = window() else { return };
    listen(&window, "beforeunload", move |event| {
        if asks.get() {
            event.prevent_default();
            // What older browsers go by instead.
            let _ = Reflect::set(&event, &"returnValue".into(), &"".into());
        }
    });
}

/// Calls `leaving` when the page goes away, by a reload or for good. There is no time left to wait for anything.
pub(crate) fn on_leaving(leaving: impl Fn() + 'static) {
    if let Some(window) = window() {
        listen(&window, "pagehide", move |_| leaving());
    }
}

/// 128 bits that nobody can guess.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    if let Some(crypto) = window().and_then(|window| window.crypto().ok()) {
        // It fails only for more than 64 KiB.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    u128::from_le_bytes(bytes)
}

/// Loads the page anew.
pub(crate) fn reload() {
    if let Some(window) = window() {
        // It fails only in a page that may not navigate.
        let _ = window.location().reload();
    }
}
