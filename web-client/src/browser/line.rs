//! The line between a tab that leads and those that follow it.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use hearth_web_state::follow::Said;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::Listening;

const CHANNEL: &str = "hearth.follow";

/// The line. It is closed when it is dropped.
pub(crate) struct Line {
    channel: BroadcastChannel,
    _listening: Listening,
}

impl Line {
    /// Opens the line; what the other tabs say comes in the order in which each of them says it. `None` in a browser that has
    /// none, in which no tab follows another. Unbounded, because what one tab says is bounded by what people do in it.
    pub(crate) fn open() -> Option<(Self, UnboundedReceiver<Said>)> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let (sender, receiver) = unbounded();
        let listening = Listening::to(&channel, "message", move |event| {
            let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
            // What does not read is said by a newer program, or an older one.
            if let Some(said) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                // Nobody listens any more once the page goes.
                let _ = sender.unbounded_send(said);
            }
        });
        Some((Self { channel, _listening: listening }, receiver))
    }

    /// Says something to all other tabs.
    pub(crate) fn say(&self, said: &Said) {
        if let Ok(text) = serde_json::to_string(said) {
            // It fails only once the line is closed.
            let _ = self.channel.post_message(&JsValue::from_str(&text));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.channel.close();
    }
}
