//! Whose machine it is, and its bounds in time.

/// Who runs this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// One's own user id.
    pub user_id: String,
    /// This device's id, which is its party id in every call.
    pub party_id: String,
}

/// What the browser can do, and bounds in time, in milliseconds. Tests shorten them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the browser has WebRTC. Without it nobody is called; an invite is left to other devices, or declined.
    pub can_connect: bool,
    /// How long an own invite rings.
    pub ring_ms: u64,
    /// How long a call may be "connecting" after it was answered.
    pub connect_ms: u64,
    /// How long a broken connection may take to come back.
    pub reconnect_ms: u64,
    /// How often a new path is asked for meanwhile.
    pub restart_every_ms: u64,
    /// How long an offer or answer waits for candidates to carry.
    pub gather_ms: u32,
    /// How long candidates are gathered into one signal.
    pub batch_ms: u64,
    /// After which time the server may erase signalling.
    pub signal_kept_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            can_connect: true,
            ring_ms: 60_000,
            connect_ms: 25_000,
            reconnect_ms: 30_000,
            restart_every_ms: 5_000,
            gather_ms: 200,
            batch_ms: 250,
            signal_kept_ms: 60 * 60_000,
        }
    }
}
