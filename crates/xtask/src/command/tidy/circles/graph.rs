//! A directed graph of files, and the circles in it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// Files, and the files that they import, with the first line that does.
#[derive(Default)]
pub(super) struct Graph(BTreeMap<PathBuf, BTreeMap<PathBuf, usize>>);

/// Files each of which reaches each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Circle {
    /// The shortest way round: files, with the line that imports the next one.
    pub(super) steps: Vec<(PathBuf, usize)>,
    /// The files that are on longer ways only.
    pub(super) others: Vec<PathBuf>,
}

impl Graph {
    pub(super) fn add(&mut self, from: &Path, to: &Path, line: usize) {
        if from != to {
            let lines = self.0.entry(from.to_path_buf()).or_default();
            let first = lines.entry(to.to_path_buf()).or_insert(line);
            *first = line.min(*first);
        }
    }

    /// All circles; no file is in two of them.
    pub(super) fn circles(&self) -> Vec<Circle> {
        let mut seen: BTreeSet<&Path> = BTreeSet::new();
        let mut circles = Vec::new();
        for file in self.0.keys() {
            if seen.contains(file.as_path()) {
                continue;
            }
            let members = self.around(file);
            if !members.is_empty() {
                circles.push(self.circle(&members));
            }
            seen.extend(members);
        }
        circles
    }

    /// The files that `file` reaches and that reach `file`; none when it is in no circle.
    fn around<'a>(&'a self, file: &Path) -> BTreeSet<&'a Path> {
        let reached = self.ways_from(file);
        reached.into_keys().filter(|other| self.ways_from(other).contains_key(file)).collect()
    }

    fn circle(&self, members: &BTreeSet<&Path>) -> Circle {
        let rounds = members.iter().filter_map(|file| self.way_round(file));
        let shortest = rounds.min_by_key(Vec::len).unwrap_or_default();
        let others = members.iter().filter(|file| !shortest.contains(*file)).map(|file| file.to_path_buf()).collect();
        let next = shortest.iter().cycle().skip(1);
        let steps = shortest.iter().zip(next).map(|(file, next)| (file.to_path_buf(), self.0[*file][*next])).collect();
        Circle { steps, others }
    }

    /// The shortest way from `file` back to it, beginning with it.
    fn way_round<'a>(&'a self, file: &'a Path) -> Option<Vec<&'a Path>> {
        let before = self.ways_from(file);
        let mut way = vec![*before.get(file)?];
        while *way.last()? != file {
            way.push(before[way.last()?]);
        }
        way.reverse();
        Some(way)
    }

    /// All files that are reached from `start`, each with the one before it on a shortest way. `start` itself is among
    /// them if it is in a circle.
    fn ways_from(&self, start: &Path) -> BTreeMap<&Path, &Path> {
        let mut before: BTreeMap<&Path, &Path> = BTreeMap::new();
        let mut queue: VecDeque<&Path> = self.0.get_key_value(start).map(|(file, _)| file.as_path()).into_iter().collect();
        while let Some(file) = queue.pop_front() {
            for next in self.0.get(file).into_iter().flat_map(BTreeMap::keys) {
                if !before.contains_key(next.as_path()) {
                    before.insert(next, file);
                    queue.push_back(next);
                }
            }
        }
        before
    }
}
