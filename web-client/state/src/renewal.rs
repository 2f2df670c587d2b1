//! When a page may be loaded anew for a newer program without its person losing anything.

/// What goes on in a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// It is on the screen.
    pub is_looked_at: bool,
    /// There is a call, ringing or ended a moment ago.
    pub is_in_call: bool,
    /// A text is begun.
    pub is_writing: bool,
    /// A message or a file is on its way.
    pub is_sending: bool,
    /// Something else is being filled in.
    pub is_in_form: bool,
}

impl Moment {
    /// Whether nothing would be lost or noticed.
    pub fn is_quiet(self) -> bool {
        self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn any_one_thing_that_goes_on_is_waited_for() {
        let quiet = Moment::default();
        assert!(quiet.is_quiet());
        let busy = [
            Moment { is_looked_at: true, ..quiet },
            Moment { is_in_call: true, ..quiet },
            Moment { is_writing: true, ..quiet },
            Moment { is_sending: true, ..quiet },
            Moment { is_in_form: true, ..quiet },
        ];
        assert!(busy.iter().all(|moment| !moment.is_quiet()));
    }
}
