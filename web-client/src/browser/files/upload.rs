//! Sending bytes, with how far they have come: the one thing for which `fetch` has no words.

use std::{cell::Cell, rc::Rc};

use futures_channel::oneshot;
use futures_util::{FutureExt, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::files::Stage;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

/// How often it is said how far it is, and asked whether to go on.
const REPORT_MS: u32 = 100;

/// What the server said.
pub(crate) struct Answer {
    /// The status; 0 when there was no answer.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
}

/// Posts a blob. `report` says how far it is and answers whether to go on; `None` when not.
pub(crate) async fn upload(url: &str, token: &str, body: &Blob, report: &dyn Fn(Stage) -> bool) -> Option<Answer> {
    let none = Answer { status: 0, body: String::new() };
    let Ok(request) = XmlHttpRequest::new() else { return Some(none) };
    let percent = Rc::new(Cell::new(0));
    let moved = percent.clone();
    let onprogress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        moved.set((event.loaded() / event.total().max(1.0) * 100.0) as u8);
    });
    let (done, mut ended) = oneshot::channel();
    let onend = Closure::once(move || {
        // Nobody waits any more when it was given up.
        let _ = done.send(());
    });
    let begin = || -> Result<(), JsValue> {
        request.open("POST", url)?;
        request.set_request_header("authorization", &format!("Bearer {token}"))?;
        request.set_request_header("content-type", "application/octet-stream")?;
        request.upload()?.set_onprogress(Some(onprogress.as_ref().unchecked_ref()));
        request.set_onloadend(Some(onend.as_ref().unchecked_ref()));
        request.send_with_opt_blob(Some(body))
    };
    if begin().is_err() {
        return Some(none);
    }
    loop {
        select! {
            _ = ended => break,
            () = TimeoutFuture::new(REPORT_MS).fuse() => if !report(Stage::Uploading(percent.get())) {
                request.set_onloadend(None);
                // It fails only when it is over.
                let _ = request.abort();
                return None;
            },
        }
    }
    let status = request.status().unwrap_or(0);
    Some(Answer { status, body: request.response_text().ok().flatten().unwrap_or_default() })
}
