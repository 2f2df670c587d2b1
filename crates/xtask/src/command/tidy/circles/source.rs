//! What one file says of other modules, as it is written: nothing is looked up here.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// A path as it is written: `crate::a::B` is `["crate", "a", "B"]`.
pub(super) type Segments = Vec<String>;

/// What stands in one module, which is a file or a `mod … { … }` in it.
#[derive(Default)]
pub(super) struct Source {
    /// The names of the items that are defined in it.
    pub(super) defined: BTreeSet<String>,
    /// What it imports, and gives on.
    pub(super) imports: Vec<Import>,
    /// The paths in its code, each with the first line that has it.
    pub(super) paths: BTreeMap<Segments, usize>,
    /// The modules that it declares.
    pub(super) children: Vec<Child>,
}

/// A name that `use` brings in.
pub(super) struct Import {
    pub(super) path: Segments,
    /// What it is called here; none for `*`.
    pub(super) name: Option<String>,
    /// Whether other modules may take it from here.
    pub(super) is_given_on: bool,
    pub(super) line: usize,
}

/// A declared module.
pub(super) struct Child {
    pub(super) name: String,
    pub(super) place: Place,
}

/// Where a declared module is.
pub(super) enum Place {
    /// Between braces.
    Here(Source),
    /// In the file that its name gives.
    File,
    /// In the file that `#[path = "…"]` gives.
    FileAt(String),
}

/// Reads the text of a file.
pub(super) fn parse(text: &str) -> Result<Source> {
    Ok(of_items(&syn::parse_file(text)?.items))
}

fn of_items(items: &[Item]) -> Source {
    let mut reader = Reader::default();
    for item in items {
        match item {
            Item::Mod(module) if !is_for_tests(&module.attrs) => {
                let place = match &module.content {
                    Some((_, items)) => Place::Here(of_items(items)),
                    None => path_attribute(&module.attrs).map_or(Place::File, Place::FileAt),
                };
                reader.source.children.push(Child { name: module.ident.to_string(), place });
            }
            Item::Mod(_) => {}
            other => {
                reader.source.defined.extend(name_of(other));
                reader.visit_item(other);
            }
        }
    }
    reader.source
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test")))
    })
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("path")).find_map(|attribute| {
        let syn::Expr::Lit(value) = &attribute.meta.require_name_value().ok()?.value else { return None };
        let syn::Lit::Str(text) = &value.lit else { return None };
        Some(text.value())
    })
}

/// Walks through items and notes what they name.
#[derive(Default)]
struct Reader {
    source: Source,
}

impl Reader {
    fn note(&mut self, path: Segments, line: usize) {
        self.source.paths.entry(path).or_insert(line);
    }

    /// Notes the leaves of `use a::{b, c as d, e::*}`.
    fn import(&mut self, tree: &UseTree, before: &[String], is_given_on: bool) {
        let with = |name: &syn::Ident| {
            // `use a::{self}` names `a`.
            let own = (name != "self" || before.is_empty()).then(|| name.to_string());
            before.iter().cloned().chain(own).collect::<Segments>()
        };
        let line = tree.span().start().line;
        let (path, name) = match tree {
            UseTree::Path(path) => return self.import(&path.tree, &with(&path.ident), is_given_on),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(tree, before, is_given_on)),
            UseTree::Name(name) => {
                let path = with(&name.ident);
                let name = path.last().cloned();
                (path, name)
            }
            UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        self.source.imports.push(Import { path, name, is_given_on, line });
    }

    /// Notes the paths in what a macro is given. Names behind a dot are fields and methods.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Segments::new();
        let (mut line, mut colons, mut after_dot) = (0, 0, false);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 && !path.is_empty() => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Ident(ident) => {
                    self.end(&mut path, line);
                    line = ident.span().start().line;
                    // `::a` is another crate.
                    if colons < 2 && !after_dot {
                        path.push(ident.to_string());
                    }
                    (colons, after_dot) = (0, false);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.end(&mut path, line);
                    colons = 0;
                    after_dot = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '.');
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Segments, line: usize) {
        if !path.is_empty() {
            self.note(std::mem::take(path), line);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.import(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(segments, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }

    /// An attribute names macros, which are of other crates.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    /// `pub(super)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}
