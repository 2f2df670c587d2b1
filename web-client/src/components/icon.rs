//! Line icons, drawn inline so that they take the colour of their text. Decorative: buttons carry their own names.

use dioxus::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An arrow to the left.
    Back,
    /// A sheet of paper over another.
    Copy,
    /// An arrow into a tray.
    Download,
    /// An open eye.
    Eye,
    /// A closed eye.
    EyeOff,
    /// A flame, the mark of Hearth.
    Flame,
    /// A key.
    Key,
    /// A padlock.
    Lock,
    /// A magnifying glass.
    Search,
    /// A paper plane.
    Send,
    /// Sliders.
    Settings,
    /// An exclamation mark in a circle.
    Warning,
    /// A small i in a circle.
    Info,
    /// An arrow down.
    Down,
    /// A telephone receiver.
    Phone,
    /// A video camera.
    Video,
    /// A video camera, struck through.
    VideoOff,
    /// A microphone.
    Mic,
    /// A microphone, struck through.
    MicOff,
    /// A screen with an arrow up.
    Share,
    /// A screen with a cross.
    ShareOff,
    /// Four corners pointing outward.
    Expand,
    /// Four corners pointing inward.
    Shrink,
    /// A cross.
    Close,
    /// Six dots to hold on to.
    Grip,
    /// An arrow that bends back to the left.
    Reply,
    /// A smiling face.
    Smile,
    /// Three dots.
    More,
    /// A pen.
    Pen,
    /// A bin.
    Bin,
    /// A padlock, open.
    LockOpen,
    /// A circle, struck through.
    Block,
    /// A flag.
    Flag,
    /// A door with an arrow out of it.
    Leave,
    /// A shield with a tick.
    Shield,
    /// A printer.
    Printer,
    /// A paper clip.
    Clip,
    /// A triangle that points onward.
    Play,
    /// A sheet of paper with a folded corner.
    Page,
    /// A magnifying glass with a plus.
    ZoomIn,
    /// A magnifying glass with a minus.
    ZoomOut,
    /// An arrow to the right.
    Forward,
    /// A bell.
    Bell,
    /// A bell, struck through.
    BellOff,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Back => "M19 12H5M11 6l-6 6 6 6",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Download => "M12 4v11M7 11l5 5 5-5M5 20h14",
            Self::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 100 5.6 2.8 2.8 0 000-5.6z"
            }
            Self::EyeOff => {
                "M4 4l16 16M9.9 5.8A9.6 9.6 0 0112 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 01-3 3.7M6.2 7.6A15.600 15.600 0 002.500 12S6 18.500 12 18.500a9.300 9.300 0 004-.9"
            }
            Self::Flame => {
                "M12 3c.6 3.200 4.800 5.200 4.800 10a4.800 4.800 0 01-9.600 0c0-1.700.7-2.800 1.600-3.800.3 1.300.9 2 1.700 2.200C10 8.600 10.200 5.400 12 3z"
            }
            Self::Key => "M8.500 19a4.500 4.500 0 110-9 4.500 4.500 0 010 9zM11.700 11.300L20 3M16 7l3 3",
            Self::Lock => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 017 0v3",
            Self::Search => "M10.500 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM15.500 15.500L20.500 20.500",
            Self::Send => "M4 12l16-8-5 16-3.500-6.500L4 12zM11.500 13.500L20 4",
            Self::Settings => "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
            Self::Warning => "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM12 8v5M12 16.200v.1",
            Self::Info => "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM12 11v5.200M12 7.800v.1",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Phone => {
                "M6.500 4h3l1.500 4-2 1.500a11 11 0 005.500 5.500l1.500-2 4 1.500v3a2 2 0 01-2.200 2A16 16 0 014.500 6.200 2 2 0 016.500 4z"
            }
            Self::Video => "M3.500 7h11v10h-11zM14.500 11l6-3.500v9l-6-3.500",
            Self::VideoOff => "M4 4l16 16M9.500 7h5v5M14.500 11l6-3.500v9l-2.500-1.500M5.500 7h-2v10h11v-1",
            Self::Mic => {
                "M12 3.500a2.700 2.700 0 00-2.700 2.700v5.300a2.700 2.700 0 005.400 0V6.200A2.700 2.700 0 0012 3.500zM6 11.500a6 6 0 0012 0M12 17.500v3"
            }
            Self::MicOff => {
                "M4 4l16 16M9.300 9.300v2.200a2.700 2.700 0 004.400 2.100M14.700 10.500V6.200a2.700 2.700 0 00-5.200-1M6 11.500a6 6 0 009.800 4.600M18 11.500c0 .8-.1 1.500-.4 2.200M12 17.500v3"
            }
            Self::Share => "M3.500 5h17v11h-17zM8 20h8M12 13.500v-5M9.500 10.500L12 8l2.500 2.500",
            Self::ShareOff => "M3.500 5h17v11h-17zM8 20h8M9.700 8.200l4.600 4.600M14.300 8.200l-4.600 4.600",
            Self::Expand => "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
            Self::Shrink => "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Reply => "M10 7l-6 5 6 5v-3.500c5 0 8 1.500 10 5-.5-6-4-9-10-9z",
            Self::Smile => {
                "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM8.500 14a4.500 4.500 0 007 0M9 9.500v.1M15 9.500v.1"
            }
            Self::More => "M6 12v.1M12 12v.1M18 12v.1",
            Self::Pen => "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
            Self::Bin => "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
            Self::LockOpen => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 016.800-1.200",
            Self::Block => "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM6 6l12 12",
            Self::Flag => "M6 21V4h11.500l-2 4 2 4H6",
            Self::Leave => "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
            Self::Shield => {
                "M12 3.500l7 2.500v5.500c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V6zM8.500 12l2.500 2.500 4.500-5"
            }
            Self::Printer => "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
            Self::Clip => {
                "M18.500 11.500l-6.700 6.700a4.300 4.300 0 01-6-6l7.400-7.400a2.900 2.900 0 014 4l-7.300 7.400a1.400 1.400 0 01-2-2l6.600-6.700"
            }
            Self::Play => "M8 5l11 7-11 7z",
            Self::Page => "M6 3.500h8l4.500 4.500v12.500H6zM14 3.500V8h4.500",
            Self::ZoomIn => {
                "M10.500 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM15.500 15.500L20.500 20.500M8 10.500h5M10.500 8v5"
            }
            Self::ZoomOut => "M10.500 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM15.500 15.500L20.500 20.500M8 10.500h5",
            Self::Forward => "M5 12h14M13 6l6 6-6 6",
            Self::Bell => "M6 17h12l-1.500-2.500V11a4.500 4.500 0 00-9 0v3.500zM10.500 20h3",
            Self::BellOff => {
                "M4 4l16 16M7.500 9.800V14.500L6 17h11M16.500 13.500V11a4.500 4.500 0 00-6.800-3.900M10.500 20h3"
            }
            Self::Grip => "M9 6v.1M15 6v.1M9 12v.1M15 12v.1M9 18v.1M15 18v.1",
        }
    }
}

/// An icon of the text's size.
#[component]
pub(crate) fn Icon(shape: Shape) -> Element {
    rsx! {
        svg {
            class: "icon",
            view_box: "0 0 24 24",
            fill: "none",
            stroke: "currentColor",
            stroke_width: "1.8",
            stroke_linecap: "round",
            stroke_linejoin: "round",
            "aria-hidden": "true",
            path { d: shape.path() }
        }
    }
}
