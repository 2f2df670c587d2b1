//! Buffers that are done with.
//!
//! A browser clears buffers away once there are many, which is too late for pieces of a file that come by the hundred in
//! a second: they stand in memory by hundreds of megabytes. A buffer that is handed over to somebody else goes with its
//! message; handed over to nobody, it goes at once.

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// One end of a channel whose other end is closed, and what posts to it.
struct Nowhere {
    port: JsValue,
    post: Function,
}

thread_local! { static NOWHERE: Option<Nowhere> = Nowhere::open(); }

impl Nowhere {
    fn open() -> Option<Self> {
        let named = |target: &JsValue, name: &str| Reflect::get(target, &name.into()).ok();
        let class: Function = named(&js_sys::global(), "MessageChannel")?.dyn_into().ok()?;
        let channel = Reflect::construct(&class, &Array::new()).ok()?;
        let other = named(&channel, "port2")?;
        named(&other, "close")?.dyn_ref::<Function>()?.call0(&other).ok()?;
        let port = named(&channel, "port1")?;
        let post = named(&port, "postMessage")?.dyn_into().ok()?;
        Some(Self { port, post })
    }
}

/// Gives the memory of `bytes` back now.
pub(super) fn forget(bytes: Uint8Array) {
    NOWHERE.with(|nowhere| {
        if let Some(Nowhere { port, post }) = nowhere {
            // Where this fails, the browser clears it away later.
            let _ = post.call2(port, &JsValue::NULL, &Array::of1(&bytes.buffer()));
        }
    });
}
