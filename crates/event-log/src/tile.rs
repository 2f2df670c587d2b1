//! Names of tiles, the pieces in which others fetch the tree: <https://c2sp.org/tlog-tiles>. No hashes here.

use std::str::FromStr;

use tlog_tiles::Tile;

/// Levels of the tree that one tile holds.
pub(crate) const TILE_HEIGHT: u8 = 8;
/// Hashes in a full tile.
pub const TILE_HASHES: u32 = 1 << TILE_HEIGHT;
/// The highest level that a name may have.
const LEVEL_MAX: u8 = 63;
/// Bytes of a name, at most: that of the greatest index is 40 bytes long.
const NAME_BYTES_MAX: usize = 48;

/// Which hashes a tile holds: at `level` n those of whole subtrees over 256ⁿ records, from number `index` × 256 on, as
/// many as its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u32,
}

/// The text is no tile's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no name of a tile")]
pub struct NoTileName;

impl TileId {
    /// 0 for the records' own hashes, up to 63.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Number of the tile within its level, from 0.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Number of hashes, 1 to [`TILE_HASHES`].
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Whether a tree over `size` records has every hash of this tile.
    #[must_use]
    pub fn is_within(&self, size: u64) -> bool {
        let subtrees = size.checked_shr(u32::from(TILE_HEIGHT) * u32::from(self.level)).unwrap_or(0);
        let first = self.index.checked_mul(u64::from(TILE_HASHES));
        first.and_then(|first| first.checked_add(u64::from(self.width))).is_some_and(|end| end <= subtrees)
    }
}

/// Reads `<L>/<N>` or `<L>/<N>.p/<W>`, where index 1,234,067 is `x001/x234/067`. Only the one right form is taken.
impl FromStr for TileId {
    type Err = NoTileName;

    fn from_str(name: &str) -> Result<Self, NoTileName> {
        let id =
            parse(name).filter(|id| id.level <= LEVEL_MAX && (1..=TILE_HASHES).contains(&id.width)).ok_or(NoTileName)?;
        let canonical = Tile::new(TILE_HEIGHT, id.level, id.index, id.width, false).path();
        if canonical.strip_prefix("tile/8/") == Some(name) { Ok(id) } else { Err(NoTileName) }
    }
}

/// What the name says, in whatever form.
fn parse(name: &str) -> Option<TileId> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let (level, rest) = name.split_once('/')?;
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok()?),
        None => (rest, TILE_HASHES),
    };
    let digits: String = number.split('/').map(|group| group.trim_start_matches('x')).collect();
    Some(TileId { level: level.parse().ok()?, index: digits.parse().ok()?, width })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_specification() {
        let names = [
            ("0/000", (0, 0, 256)),
            ("0/000.p/1", (0, 0, 1)),
            ("3/999.p/255", (3, 999, 255)),
            ("1/x001/000", (1, 1_000, 256)),
            ("63/x001/x234/067.p/8", (63, 1_234_067, 8)),
            ("0/x018/x446/x744/x073/x709/x551/615", (0, u64::MAX, 256)),
        ];
        for (name, (level, index, width)) in names {
            assert_eq!(name.parse(), Ok(TileId { level, index, width }), "{name}");
        }
    }

    #[test]
    fn every_other_text_is_refused() {
        let texts = [
            "",
            "/",
            "0",
            "0/",
            "0/0",
            "0/00",
            "0/0000",
            "00/000",
            "64/000",
            "256/000",
            "-1/000",
            "+1/000",
            "0/x000/000",
            "0/1000",
            "0/x1/000",
            "0/001/000",
            "0/x001/x000",
            "0/x001",
            "0/000.p",
            "0/000.p/",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/1/",
            "0/000.p/1.p/1",
            "0/000/",
            "0//000",
            "entries/000",
            "data/000",
            "0/+00",
            "0/000.p/+1",
            "0/xx001/000",
            "0/x018/x446/x744/x073/x709/x551/616",
            "0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/000",
        ];
        for text in texts {
            assert_eq!(text.parse::<TileId>(), Err(NoTileName), "{text}");
        }
    }

    #[test]
    fn a_tile_is_there_once_the_tree_fills_it() {
        let within = |name: &str, size| name.parse::<TileId>().is_ok_and(|id| id.is_within(size));
        // The tree of the specification's example.
        for name in ["0/272", "0/273.p/112", "1/000", "1/001.p/17", "2/000.p/1"] {
            assert!(within(name, 70_000), "{name}");
        }
        for name in ["0/273", "0/273.p/113", "0/274.p/1", "1/001.p/18", "2/000.p/2", "3/000.p/1", "63/000.p/1"] {
            assert!(!within(name, 70_000), "{name}");
        }
        assert!(!within("0/000.p/1", 0));
        assert!(!within("0/x018/x446/x744/x073/x709/x551/615", u64::MAX));
    }
}
