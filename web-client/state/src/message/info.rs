//! What is known of a message beyond what it says, in words.

use super::{Delivery, Trust};
use crate::text::isolated;

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Whether one wrote it oneself.
    pub own: bool,
    /// Who wrote it, by name.
    pub sender_name: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// How far one's own message has come.
    pub delivery: Delivery,
    /// Whether it was changed after sending.
    pub edited: bool,
    /// Whether it was encrypted; `None` before the server has it.
    pub encrypted: Option<bool>,
    /// Whether it is what it seems to be.
    pub trust: Trust,
    /// The device that encrypted it.
    pub device: Option<Device>,
    /// Others who have read it, in the order of the chat.
    pub readers: Vec<Reader>,
}

/// A device of whoever wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// As its owner calls it.
    pub name: Option<String>,
    /// As the server calls it.
    pub id: String,
}

/// Somebody who has read a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// By name.
    pub name: String,
    /// When they read as far as this or further, in milliseconds since the Unix epoch, if they told.
    pub at_ms: Option<u64>,
}

/// A question and its answer.
pub type Line = (&'static str, String);

impl Info {
    /// Questions and answers, in the order in which they are shown. `moment` says when a time was, for the reader.
    pub fn lines(&self, moment: impl Fn(u64) -> String) -> Vec<Line> {
        let mut lines = vec![("Written", moment(self.at_ms))];
        if self.own {
            lines.push(("Sent", self.sent().to_owned()));
        }
        if self.edited {
            lines.push(("Changed", "Yes, after it was sent.".to_owned()));
        }
        if self.own && self.delivery == Delivery::Sent {
            lines.push(("Read", self.read(&moment)));
        }
        if let Some(device) = &self.device {
            lines.push(("From", device.words(self.own, &self.sender_name)));
        }
        if let Some(encrypted) = self.encrypted {
            lines.push(("Encryption", self.encryption(encrypted)));
        }
        lines
    }

    fn sent(&self) -> &'static str {
        match self.delivery {
            Delivery::Sending => "It is on its way.",
            Delivery::Waiting => "Not yet. It waits for the connection.",
            Delivery::Failed => "It was not sent.",
            Delivery::Sent => "The server has it. Whether a device has fetched it, no server tells.",
        }
    }

    fn read(&self, moment: impl Fn(u64) -> String) -> String {
        let by = self.readers.iter().map(|reader| match reader.at_ms {
            Some(at_ms) => format!("by {}, {}", isolated(&reader.name), moment(at_ms)),
            None => format!("by {}", isolated(&reader.name)),
        });
        let by: Vec<String> = by.collect();
        if by.is_empty() { "Not yet, or they don’t tell.".to_owned() } else { by.join("; ") }
    }

    fn encryption(&self, encrypted: bool) -> String {
        let doubt = self.trust.words(&self.sender_name);
        match (encrypted, doubt) {
            (true, None) => "End-to-end encrypted.".to_owned(),
            (true, Some(doubt)) => format!("End-to-end encrypted. {doubt}"),
            (false, Some(doubt)) => doubt,
            (false, None) => "Not encrypted. The server can read it.".to_owned(),
        }
    }
}

impl Device {
    fn words(&self, own: bool, sender_name: &str) -> String {
        let whose = if own { "Your device".to_owned() } else { format!("A device of {}", isolated(sender_name)) };
        match &self.name {
            Some(name) => format!("{whose}: {} ({})", isolated(name), self.id),
            None => format!("{whose}: {}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, Device, Info, Line, Reader, Trust};

    fn info() -> Info {
        Info {
            own: true,
            sender_name: "Alice".into(),
            at_ms: 5,
            delivery: Delivery::Sent,
            edited: false,
            encrypted: Some(true),
            trust: Trust::Fine,
            device: Some(Device { name: Some("Firefox".into()), id: "ABC".into() }),
            readers: Vec::new(),
        }
    }

    fn plain(info: &Info) -> Vec<Line> {
        let bare = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        info.lines(|at_ms| format!("at {at_ms}")).into_iter().map(|(asked, answer)| (asked, bare(answer))).collect()
    }

    fn answer(info: &Info, to: &str) -> Option<String> {
        plain(info).into_iter().find(|(asked, _)| *asked == to).map(|(_, answer)| answer)
    }

    #[test]
    fn one_learns_who_has_read_what_one_wrote() {
        let mut info = info();
        assert_eq!(answer(&info, "Written").unwrap(), "at 5");
        assert!(answer(&info, "Read").unwrap().starts_with("Not yet"));
        info.readers = vec![Reader { name: "Bob".into(), at_ms: Some(9) }, Reader { name: "Carol".into(), at_ms: None }];
        assert_eq!(answer(&info, "Read").unwrap(), "by Bob, at 9; by Carol");
        assert_eq!(answer(&info, "From").unwrap(), "Your device: Firefox (ABC)");
        assert_eq!(answer(&info, "Changed"), None);
        info.edited = true;
        assert!(answer(&info, "Changed").is_some());
    }

    #[test]
    fn what_was_not_sent_was_not_read_and_claims_no_encryption() {
        for delivery in [Delivery::Sending, Delivery::Waiting, Delivery::Failed] {
            let info = Info { delivery, encrypted: None, device: None, ..info() };
            let asked: Vec<&str> = plain(&info).into_iter().map(|(asked, _)| asked).collect();
            assert_eq!(asked, ["Written", "Sent"]);
        }
    }

    #[test]
    fn of_what_others_wrote_one_learns_from_where_and_how_far_to_trust_it() {
        let theirs = Info { own: false, device: Some(Device { name: None, id: "XYZ".into() }), ..info() };
        assert_eq!(answer(&theirs, "Sent").or(answer(&theirs, "Read")), None);
        assert_eq!(answer(&theirs, "From").unwrap(), "A device of Alice: XYZ");
        assert_eq!(answer(&theirs, "Encryption").unwrap(), "End-to-end encrypted.");
        let doubtful = Info { trust: Trust::UnsignedDevice, ..theirs.clone() };
        assert!(answer(&doubtful, "Encryption").unwrap().contains("has not confirmed"));
        let clear = Info { trust: Trust::SentInClear, encrypted: Some(false), device: None, ..theirs.clone() };
        assert!(!answer(&clear, "Encryption").unwrap().contains("End-to-end"));
        let open = Info { encrypted: Some(false), device: None, ..theirs };
        assert!(answer(&open, "Encryption").unwrap().starts_with("Not encrypted"));
    }
}
