//! The way from what the browser does to the machine.

use futures_channel::mpsc::UnboundedSender;
use hearth_web_state::call::CallInput;

/// Where what happens is reported to.
pub(super) type Reports = UnboundedSender<CallInput>;
