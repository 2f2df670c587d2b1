//! One tab at a time: two copies of the library on the same databases would corrupt each other's keys.
//!
//! The browser's lock manager decides; a lock dies with its tab.

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

const LOCK: &str = "hearth";

/// The lead as asked for.
pub(crate) struct Lead {
    /// Resolves once the lead is ours, perhaps much later.
    pub(crate) granted: oneshot::Receiver<()>,
    /// Resolves when another tab took it.
    pub(crate) lost: oneshot::Receiver<()>,
}

/// Asks for the lead; with `steal` it is taken from whoever has it. A browser without locks grants at once.
pub(crate) fn lead(steal: bool) -> Lead {
    let (grant, granted) = oneshot::channel();
    let (lose, lost) = oneshot::channel();
    let mut grant = Some(grant);
    let mut grant_now = move || {
        if let Some(grant) = grant.take() {
            // Nobody waits any more when the page went another way.
            let _ = grant.send(());
        }
    };
    let locks = super::window()
        .and_then(|window| Reflect::get(&window.navigator(), &"locks".into()).ok())
        .filter(|locks| !locks.is_undefined() && !locks.is_null());
    let request = locks.as_ref().and_then(|locks| Reflect::get(locks, &"request".into()).ok()?.dyn_into::<Function>().ok());
    let (Some(locks), Some(request)) = (locks, request) else {
        grant_now();
        return Lead { granted, lost };
    };
    let hold = Closure::<dyn FnMut() -> Promise>::new(move || {
        grant_now();
        // The lock is held until this promise settles, which is never: it goes with the page.
        Promise::new(&mut |_, _| {})
    });
    let options = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&options, &"steal".into(), &JsValue::from_bool(steal));
    let asked = request.call3(&locks, &LOCK.into(), &options, hold.as_ref());
    hold.forget();
    if let Ok(promise) = asked.and_then(JsCast::dyn_into::<Promise>) {
        let mut lose = Some(lose);
        let stolen = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            if let Some(lose) = lose.take() {
                let _ = lose.send(());
            }
        });
        // The promise only ever rejects: when the lock is stolen.
        let _ = promise.catch(&stolen);
        stolen.forget();
    }
    Lead { granted, lost }
}
