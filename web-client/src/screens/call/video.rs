//! A picture that moves: somebody's camera, a screen, one's own preview. Silent; sound has its own way out.

use dioxus::prelude::*;
use hearth_web_state::call::MediaId;
use js_sys::Object;

use crate::{browser, call::Calls};

/// Where the picture comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// One's own medium.
    Own(MediaId),
    /// The other side's stream with this id.
    Remote(String),
}

/// `role` names it for tests, `label` for people.
#[component]
pub(super) fn Video(source: Source, role: &'static str, label: String, #[props(default)] mirrored: bool) -> Element {
    let calls = use_context::<Calls>();
    use_effect(use_reactive!(|source| {
        let _ = (calls.streams)();
        let stream = match &source {
            Source::Own(media) => calls.own_stream(*media),
            Source::Remote(id) => calls.remote_stream(id),
        };
        let Some(element) = browser::video(&dom_id(role)) else { return };
        element.set_muted(true);
        let is_shown = match (&stream, element.src_object()) {
            (Some(stream), Some(shown)) => Object::is(stream, &shown),
            (None, None) => true,
            _ => false,
        };
        if !is_shown {
            element.set_src_object(stream.as_ref());
        }
    }));
    rsx! {
        video {
            id: dom_id(role),
            class: if mirrored { "call-video call-video-mirrored" } else { "call-video" },
            "data-role": role,
            "aria-label": "{label}",
            autoplay: true,
            "playsinline": "true",
        }
    }
}

/// Each picture is shown in one place at a time.
fn dom_id(role: &str) -> String {
    format!("call-{role}")
}
