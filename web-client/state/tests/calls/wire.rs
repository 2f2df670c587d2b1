//! The server between the devices: one order of messages, and each device's own way of getting them late.

use hearth_web_state::call::{Received, Signal};

/// A message as the server keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) sender: String,
    pub(crate) device: usize,
    pub(crate) at_ms: u64,
    pub(crate) signal: Signal,
}

/// The room's messages in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire {
    pub(crate) log: Vec<Message>,
}

impl Wire {
    /// Takes a signal as JSON and back, as it would travel.
    pub(crate) fn push(&mut self, sender: &str, device: usize, at_ms: u64, signal: &Signal) -> usize {
        let content = signal.to_content().to_string();
        let parsed = Signal::parse(signal.event_type(), &content).expect("what is sent can be read");
        assert_eq!(parsed, *signal, "a signal changes on its way");
        self.log.push(Message { sender: sender.to_owned(), device, at_ms, signal: parsed });
        self.log.len() - 1
    }

    pub(crate) fn received(&self, index: usize, now_ms: u64) -> Received {
        let message = &self.log[index];
        Received {
            event_id: format!("${index}"),
            room_id: "!room".into(),
            sender: message.sender.clone(),
            sender_name: message.sender.clone(),
            sender_joined: true,
            age_ms: now_ms - message.at_ms,
            taken_at_ms: message.at_ms,
            signal: message.signal.clone(),
        }
    }
}
