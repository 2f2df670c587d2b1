//! The modules of a crate, found from its first file on as the compiler finds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::tidy::circles::source::{self, Child, Place, Source};

/// Which module of [`Modules`].
pub(super) type Index = usize;

/// The first file of the crate.
pub(super) const ROOT: Index = 0;

/// All modules of a crate.
pub(super) struct Modules(Vec<Module>);

/// One module and its place among the others.
pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) source: Source,
    pub(super) parent: Option<Index>,
    pub(super) children: BTreeMap<String, Index>,
}

impl Modules {
    pub(super) fn all(&self) -> impl Iterator<Item = (Index, &Module)> {
        self.0.iter().enumerate()
    }

    pub(super) fn get(&self, index: Index) -> &Module {
        &self.0[index]
    }

    /// Whether `module` is below `above`.
    pub(super) fn is_below(&self, module: Index, above: Index) -> bool {
        std::iter::successors(self.0[module].parent, |index| self.0[*index].parent).any(|index| index == above)
    }
}

/// The modules of the crate that begins in the file `root`.
///
/// # Errors
/// When a file is missing or is not Rust.
pub(super) fn load(root: &Path, read: &dyn Fn(&Path) -> Result<String>) -> Result<Modules> {
    let mut loader = Loader { modules: Vec::new(), read };
    loader.file(root.to_path_buf(), folder_of(root).to_path_buf(), None)?;
    Ok(Modules(loader.modules))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

struct Loader<'a> {
    modules: Vec<Module>,
    read: &'a dyn Fn(&Path) -> Result<String>,
}

impl Loader<'_> {
    /// Loads a file, whose modules lie in `folder`.
    fn file(&mut self, file: PathBuf, folder: PathBuf, parent: Option<Index>) -> Result<Index> {
        let text = (self.read)(&file)?;
        let source = source::parse(&text).with_context(|| format!("parsing {}", file.display()))?;
        self.module(file, source, &folder, parent)
    }

    fn module(&mut self, file: PathBuf, mut source: Source, folder: &Path, parent: Option<Index>) -> Result<Index> {
        let children = std::mem::take(&mut source.children);
        let index = self.modules.len();
        self.modules.push(Module { file, source, parent, children: BTreeMap::new() });
        for Child { name, place } in children {
            let file = &self.modules[index].file;
            let below = folder.join(&name);
            let child = match place {
                Place::Here(source) => self.module(file.clone(), source, &below, Some(index))?,
                Place::File => self.file(folder.join(format!("{name}.rs")), below, Some(index))?,
                Place::FileAt(path) => {
                    let file = folder_of(file).join(path);
                    // The compiler looks for its modules beside it.
                    let folder = folder_of(&file).to_path_buf();
                    self.file(file, folder, Some(index))?
                }
            };
            self.modules[index].children.insert(name, child);
        }
        Ok(index)
    }
}
