//! The sizes of thumbnails. There are few, so that nobody has one picture drawn in thousands.

/// The size of a thumbnail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) struct Size {
    /// What it is kept under.
    pub(in crate::media) name: &'static str,
    /// Pixels.
    pub(super) width: u32,
    /// Pixels.
    pub(super) height: u32,
    /// Fills the size and cuts off what hangs over, instead of fitting into it.
    pub(super) is_cropped: bool,
}

/// The sizes that the specification recommends (spec: "Thumbnails").
const SIZES: [Size; 5] = [
    Size { name: "32x32-crop", width: 32, height: 32, is_cropped: true },
    Size { name: "96x96-crop", width: 96, height: 96, is_cropped: true },
    Size { name: "320x240", width: 320, height: 240, is_cropped: false },
    Size { name: "640x480", width: 640, height: 480, is_cropped: false },
    Size { name: "800x600", width: 800, height: 600, is_cropped: false },
];
const LARGEST: Size = SIZES[SIZES.len() - 1];

impl Size {
    /// The smallest that is not smaller than asked for; the largest when none is. There are no large ones that are cropped.
    pub(in crate::media) fn nearest(width: u32, height: u32, is_cropped: bool) -> Self {
        let large_enough = |size: &&Self| size.width >= width && size.height >= height && (is_cropped || !size.is_cropped);
        SIZES.iter().find(large_enough).copied().unwrap_or(LARGEST)
    }

    /// For a picture that is turned afterwards.
    pub(super) fn turned(self) -> Self {
        Self { width: self.height, height: self.width, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn the_next_larger_size_is_taken() {
        for (width, height, is_cropped, expected) in [
            (1, 1, true, "32x32-crop"),
            (32, 33, true, "96x96-crop"),
            (96, 96, true, "96x96-crop"),
            (97, 97, true, "320x240"),
            (1, 1, false, "320x240"),
            (320, 241, false, "640x480"),
            (800, 600, false, "800x600"),
            (u32::MAX, 1, false, "800x600"),
        ] {
            assert_eq!(Size::nearest(width, height, is_cropped).name, expected, "{width}x{height}");
        }
    }
}
