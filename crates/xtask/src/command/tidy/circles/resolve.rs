//! Which module defines what a path names.

use crate::command::tidy::circles::tree::{Index, Modules, ROOT};

/// Imports of imports that are followed. More are not written by people; fewer would be a loop.
const HOPS_MAX: usize = 16;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A module as such.
    Module(Index),
    /// Something that is defined in this module.
    ItemOf(Index),
}

/// What `path` means in the module `from`; none when it is something of another crate, or local to a function.
pub(super) fn resolve(modules: &Modules, from: Index, path: &[String]) -> Option<Named> {
    Resolver { modules, from }.path(from, path, HOPS_MAX)
}

struct Resolver<'a> {
    modules: &'a Modules,
    /// Who asks: it alone may use its private imports.
    from: Index,
}

impl Resolver<'_> {
    /// What `path` means where it stands, which is the module `at`.
    fn path(&self, at: Index, path: &[String], hops: usize) -> Option<Named> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.below(ROOT, rest, hops),
            "self" => self.below(at, rest, hops),
            "super" => {
                let parent = self.modules.get(at).parent?;
                // `super::super`: the second one stands as if it were in the parent.
                if rest.first().is_some_and(|next| next == "super") {
                    self.path(parent, rest, hops)
                } else {
                    self.below(parent, rest, hops)
                }
            }
            name if self.modules.get(at).children.contains_key(name) => self.below(at, path, hops),
            name => self.import(at, name, rest, hops),
        }
    }

    /// What `rest` means behind the module `at`.
    fn below(&self, at: Index, rest: &[String], hops: usize) -> Option<Named> {
        let Some((name, rest)) = rest.split_first() else { return Some(Named::Module(at)) };
        let module = self.modules.get(at);
        if let Some(child) = module.children.get(name) {
            return self.below(*child, rest, hops);
        }
        if module.source.defined.contains(name) {
            return Some(Named::ItemOf(at));
        }
        if self.gives(at, name) {
            return self.import(at, name, rest, hops);
        }
        // What no source defines was written by a macro of this module.
        Some(self.by_glob(at, name, hops).unwrap_or(Named::ItemOf(at)))
    }

    /// Whether `from` may take the name from the imports of `at`.
    fn gives(&self, at: Index, name: &str) -> bool {
        let mut imports = self.modules.get(at).source.imports.iter();
        imports.any(|import| import.name.as_deref() == Some(name) && (import.is_given_on || at == self.from))
    }

    /// Follows the import that is called `name` in the module `at`.
    fn import(&self, at: Index, name: &str, rest: &[String], hops: usize) -> Option<Named> {
        let hops = hops.checked_sub(1)?;
        let mut imports = self.modules.get(at).source.imports.iter();
        let import = imports.find(|import| import.name.as_deref() == Some(name))?;
        // `pub(crate) use name;` gives on a macro of this module.
        if import.path == [name] {
            return Some(Named::ItemOf(at));
        }
        match self.path(at, &import.path, hops)? {
            Named::Module(module) => self.below(module, rest, hops),
            item @ Named::ItemOf(_) => Some(item),
        }
    }

    /// The module that defines `name` and whose items `at` gives on by `pub use …::*`.
    fn by_glob(&self, at: Index, name: &str, hops: usize) -> Option<Named> {
        let hops = hops.checked_sub(1)?;
        let imports = self.modules.get(at).source.imports.iter();
        imports.filter(|import| import.name.is_none() && import.is_given_on).find_map(|import| {
            let Named::Module(module) = self.path(at, &import.path, hops)? else { return None };
            let defines = self.modules.get(module).source.defined.contains(name);
            if defines { Some(Named::ItemOf(module)) } else { self.by_glob(module, name, hops) }
        })
    }
}
