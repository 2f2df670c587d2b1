//! How good a connection is, by the browser's own statistics.

use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::{CallInput, PeerId};
use js_sys::{Map, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcPeerConnection, RtcPeerConnectionState};

use super::reports::Reports;

const EVERY_MS: u32 = 2_000;

/// What is counted from the beginning of a connection.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    received: f64,
    lost: f64,
    rtt_s: f64,
}

/// Reports every two seconds while the two are connected, until it is cancelled.
pub(super) async fn measure(pc: RtcPeerConnection, peer: PeerId, reports: Reports) {
    let mut before = Counted::default();
    loop {
        TimeoutFuture::new(EVERY_MS).await;
        if pc.connection_state() != RtcPeerConnectionState::Connected {
            continue;
        }
        let Ok(report) = JsFuture::from(pc.get_stats()).await else { continue };
        let now = count(&report);
        let received = (now.received - before.received).max(0.0);
        let lost = (now.lost - before.lost).max(0.0);
        let loss_permille = if received + lost > 0.0 { (lost * 1_000.0 / (received + lost)) as u16 } else { 0 };
        before = now;
        // Nobody listens any more once the account is closed.
        let _ = reports.unbounded_send(CallInput::Measured { peer, loss_permille, rtt_ms: (now.rtt_s * 1_000.0) as u32 });
    }
}

fn count(report: &JsValue) -> Counted {
    let mut counted = Counted::default();
    let mut selected = None;
    let mut pairs: Vec<(String, f64, bool)> = Vec::new();
    // A report has the methods of a map.
    report.unchecked_ref::<Map>().for_each(&mut |entry, _| {
        let value = |key: &str| Reflect::get(&entry, &key.into()).unwrap_or(JsValue::UNDEFINED);
        let number = |key: &str| value(key).as_f64().unwrap_or(0.0);
        match value("type").as_string().as_deref() {
            Some("inbound-rtp") => {
                counted.received += number("packetsReceived");
                counted.lost += number("packetsLost").max(0.0);
            }
            Some("transport") => selected = value("selectedCandidatePairId").as_string(),
            Some("candidate-pair") => {
                let id = value("id").as_string().unwrap_or_default();
                pairs.push((id, number("currentRoundTripTime"), value("nominated").is_truthy()));
            }
            _ => {}
        }
    });
    // Not every browser says which pair it uses; then it is one that was nominated.
    let used = |(id, _, nominated): &&(String, f64, bool)| selected.as_ref().map_or(*nominated, |selected| id == selected);
    counted.rtt_s = pairs.iter().find(used).map_or(0.0, |(_, rtt_s, _)| *rtt_s);
    counted
}
