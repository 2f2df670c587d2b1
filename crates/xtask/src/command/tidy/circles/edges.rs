//! Who imports whom: the paths of all modules, each led to the module that it needs.

use crate::command::tidy::circles::graph::Graph;
use crate::command::tidy::circles::resolve::{Named, resolve};
use crate::command::tidy::circles::tree::{Index, Module, Modules};

pub(super) fn add(graph: &mut Graph, modules: &Modules) {
    for (index, module) in modules.all() {
        for (path, line) in &module.source.paths {
            if let Some(Named::ItemOf(other)) = resolve(modules, index, path) {
                graph.add(&module.file, &modules.get(other).file, *line);
            }
        }
        for (other, line) in imported(modules, index, module) {
            graph.add(&module.file, &modules.get(other).file, line);
        }
    }
}

/// The modules that are needed for the `use` lines of a module.
fn imported<'a>(modules: &'a Modules, index: Index, module: &'a Module) -> impl Iterator<Item = (Index, usize)> {
    module.source.imports.iter().filter_map(move |import| {
        let other = match resolve(modules, index, &import.path)? {
            Named::ItemOf(other) => other,
            Named::Module(other) if import.name.is_none() => other,
            // Only what is then taken from it counts.
            Named::Module(_) => return None,
        };
        let is_of_a_child = import.is_given_on && modules.is_below(other, index);
        (!is_of_a_child).then_some((other, import.line))
    })
}
