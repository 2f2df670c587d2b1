//! A picture large, in front of everything: zoom, the pictures before and after it, and saving.

use dioxus::prelude::*;
use hearth_web_state::{
    conversation::picture_beside,
    files::{clean_name, size_in_words},
    message::{File, shown_type},
};

use super::view::ChatView;
use crate::{
    browser,
    components::{
        icon::{Icon, Shape},
        media::{Download, Loaded, use_file},
        message_row::message_id,
    },
    later::later,
    screens::workspace::OpenChat,
};

const VIEWER_ID: &str = "viewer";
/// How much larger than the window a picture gets at most.
const MAX_ZOOM: u32 = 8;

/// The dialog, while a picture is looked at.
#[component]
pub(super) fn Viewer(open: OpenChat, view: ChatView) -> Element {
    let looked_at = view.looked_at.read().clone();
    let rows = open.rows.read();
    let Some(message) = looked_at.and_then(|key| picture_beside(&rows, &key, 0)) else { return rsx! {} };
    let Some(file) = message.picture().cloned() else { return rsx! {} };
    let beside = |step| picture_beside(&rows, &message.key, step).map(|message| message.key.clone());
    rsx! {
        LargePicture { file, at: message.key.clone(), before: beside(-1), after: beside(1), view }
    }
}

later! {
    /// The dialog itself, loaded when it is first needed.
    LargePicture(FrameProps) of more by load_viewer, Front: Frame
}

#[component]
pub(crate) fn Frame(file: File, at: String, before: Option<String>, after: Option<String>, view: ChatView) -> Element {
    let mut looked_at = view.looked_at;
    let mut zoom = use_signal(|| 1_u32);
    let name = clean_name(&file.name);
    use_effect(use_reactive!(|at| {
        // Also for the next picture, if the browser has closed it by itself meanwhile.
        let _ = at;
        browser::show_dialog(VIEWER_ID);
    }));
    let close = {
        let id = message_id(&at);
        use_callback(move |()| {
            looked_at.set(None);
            // Nothing behind the dialog can have the focus before it is gone.
            browser::focus_soon(id.clone());
        })
    };
    let go = use_callback(move |key: Option<String>| {
        if key.is_some() {
            zoom.set(1);
            looked_at.set(key);
        }
    });
    let mut scale = move |larger: bool| {
        let now = *zoom.peek();
        zoom.set(if larger { now * 2 } else { now / 2 }.clamp(1, MAX_ZOOM));
    };
    let (to_before, to_after) = (before.clone(), after.clone());
    let (key_before, key_after) = (before.clone(), after.clone());
    rsx! {
        dialog {
            id: VIEWER_ID,
            class: "viewer",
            "aria-label": "Picture {name}",
            oncancel: move |event| {
                event.prevent_default();
                close.call(());
            },
            onkeydown: move |event| {
                match event.key() {
                    Key::Escape => close.call(()),
                    // What is larger than the window is moved by these.
                    Key::ArrowLeft | Key::ArrowRight if *zoom.peek() > 1 => return,
                    Key::ArrowLeft => go.call(key_before.clone()),
                    Key::ArrowRight => go.call(key_after.clone()),
                    Key::Character(sign) if sign == "+" => scale(true),
                    Key::Character(sign) if sign == "-" => scale(false),
                    _ => return,
                }
                event.prevent_default();
            },
            div { class: "viewer-bar",
                p { class: "file-what",
                    bdi { class: "file-name", "{name}" }
                    span { class: "file-size", if let Some(size) = file.size { {size_in_words(size)} } }
                }
                Step { name: "Previous picture", shape: Shape::Back, enabled: before.is_some(), onclick: move |()| go.call(to_before.clone()) }
                Step { name: "Next picture", shape: Shape::Forward, enabled: after.is_some(), onclick: move |()| go.call(to_after.clone()) }
                Step { name: "Zoom out", shape: Shape::ZoomOut, enabled: zoom() > 1, onclick: move |()| scale(false) }
                Step { name: "Zoom in", shape: Shape::ZoomIn, enabled: zoom() < MAX_ZOOM, onclick: move |()| scale(true) }
                Download { key: "{at}", file: file.clone() }
                Step { name: "Close", shape: Shape::Close, enabled: true, onclick: move |()| close.call(()) }
            }
            Large { key: "{at}", file, zoom: zoom() }
        }
    }
}

#[component]
fn Step(name: &'static str, shape: Shape, enabled: bool, onclick: EventHandler<()>) -> Element {
    rsx! {
        // Not `disabled`: that would take the focus away, and with it the keys.
        button {
            class: "icon-button",
            r#type: "button",
            "aria-label": name,
            title: name,
            "aria-disabled": if !enabled { "true" },
            onclick: move |_| onclick.call(()),
            Icon { shape }
        }
    }
}

/// The picture itself, fetched when it is looked at; until then the smaller one.
#[component]
fn Large(file: File, zoom: u32) -> Element {
    let mime = shown_type(file.kind, file.mime.as_deref()).unwrap_or_default();
    let small = use_file(file.thumbnail.clone(), "image/webp");
    let large = use_file(file.media.clone(), mime);
    use_hook(|| {
        small.start.call(());
        large.start.call(());
    });
    let name = clean_name(&file.name);
    let url = large.url().or_else(|| small.url());
    let percent = large.percent(file.size).filter(|_| *large.state.read() == Loaded::Coming);
    rsx! {
        div {
            class: if zoom > 1 { "viewer-picture viewer-zoomed" } else { "viewer-picture" },
            // Only then is there something to move by keys.
            tabindex: if zoom > 1 { "0" },
            role: if zoom > 1 { "group" },
            "aria-label": if zoom > 1 { "Enlarged picture" },
            if let Some(url) = url {
                img { width: if zoom > 1 { "{zoom}00%" }, src: "{url.as_str()}", alt: "{name}" }
            }
            if let Some(failure) = large.failure() { p { class: "viewer-word", role: "alert", "{failure.words()}" } }
            else if let Some(percent) = percent { p { class: "viewer-word", role: "status", "{percent} %" } }
        }
    }
}
