//! `hearth-web-bindgen MODULE FOLDER`: makes modules for the web and their JavaScript of what the compiler wrote.
//!
//! First it takes the parts out of the module that the program loads when it uses them, with what only they need, each into a
//! file of its own. The rest is bound as `wasm-bindgen --target web` does it, without the parts of that program that nobody needs here, a
//! test runner and a web server among them, so that it compiles in a fraction of the time. It runs while the client is
//! built and is no part of it.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;
use wasm_encoder::{EntityType, ImportSection, Module, RawSection};
use wasm_split_cli_support::{Options, transform};
use wasmparser::{Parser, Payload, TypeRef};

/// The files' common name.
const NAME: &str = "hearth-web";
/// The script that loads the parts; it and the main one import each other.
const LOADER: &str = "./hearth-web-parts.js";
/// Where the module without its parts stands until it is bound.
const REST: &str = "hearth-web.rest.wasm";

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let module = arguments.next().context("the first argument is the module that the compiler wrote")?;
    let folder = arguments.next().context("the second argument is the folder to write to")?;
    let rest = module.with_file_name(REST);
    let parts = split(&module, &folder, &rest).with_context(|| format!("taking {} apart", module.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&rest).out_name(NAME).typescript(false);
    // The parts call through the table of functions, which is exported among what the linker alone exports.
    bindgen.remove_name_section(true).remove_producers_section(true).keep_lld_exports(true);
    bindgen.web(true)?.generate(&folder).with_context(|| format!("binding {}", module.display()))?;
    let (script, bound) = (folder.join(format!("{NAME}.js")), folder.join(format!("{NAME}_bg.wasm")));
    let bare = without_comments(&fs::read_to_string(&script)?)?;
    let (text, main) = without_hashes(&bare, &fs::read(&bound)?).context("shortening names")?;
    fs::write(&script, text)?;
    fs::write(&bound, &main)?;
    parts.iter().try_for_each(|part| {
        let missing = missing(&fs::read(part)?, &main)?;
        ensure!(missing.is_empty(), "{} asks for {missing:?}, which the main module does not export", part.display());
        Ok(())
    })
}

/// The script without its comments and indents, which are a fifteenth of what is sent of it. It is written by wasm-bindgen, whose
/// comments fill whole lines; where a text goes over several lines, nothing is taken for granted.
fn without_comments(script: &str) -> Result<String> {
    let mut kept = String::with_capacity(script.len());
    let mut is_comment = false;
    for line in script.lines() {
        let text = line.trim();
        ensure!(text.matches('`').count() % 2 == 0, "a text of several lines in the script: {text}");
        is_comment |= text.starts_with("/*");
        if is_comment {
            ensure!(!text.contains("*/") || text.ends_with("*/"), "a comment and more in one line of the script: {text}");
            is_comment = !text.ends_with("*/");
        } else if !text.is_empty() && !text.starts_with("//") {
            kept.push_str(text);
            kept.push('\n');
        }
    }
    ensure!(!is_comment, "a comment without an end in the script");
    Ok(kept)
}

/// The script and the main module without the hashes in the names of what one takes from the other: sixteen letters that do not compress,
/// seven hundred times in each.
fn without_hashes(script: &str, module: &[u8]) -> Result<(String, Vec<u8>)> {
    let (mut script, mut taken, mut short) = (script.to_owned(), BTreeSet::new(), Module::new());
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ImportSection(imports) = payload {
            let mut kept = ImportSection::new();
            for import in imports.into_imports() {
                let import = import?;
                let TypeRef::Func(kind) = import.ty else { bail!("{} is no function", import.name) };
                let name = without_hash(import.name, &mut taken);
                if name != import.name {
                    ensure!(script.contains(import.name), "the script does not name {}", import.name);
                    script = script.replace(import.name, &name);
                }
                kept.import(import.module, &name, EntityType::Function(kind));
            }
            short.section(&kept);
        } else if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let data = module.get(range).context("a section ends after the module")?;
            short.section(&RawSection { id, data });
        }
    }
    Ok((script, short.finish()))
}

/// The name without its hash, and with a number where others are called so too.
fn without_hash(name: &str, taken: &mut BTreeSet<String>) -> String {
    let is_hash = |hash: &str| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bare = name.rsplit_once('_').filter(|(_, hash)| is_hash(hash)).map_or(name, |(bare, _)| bare);
    let mut free = bare.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{bare}_{number}");
        number += 1;
    }
    free
}

/// What a part asks of the main module and does not get.
fn missing(part: &[u8], main: &[u8]) -> Result<Vec<String>> {
    let mut exported = BTreeSet::new();
    for payload in Parser::new(0).parse_all(main) {
        if let Payload::ExportSection(exports) = payload? {
            for export in exports {
                exported.insert(export?.name);
            }
        }
    }
    let mut missing = Vec::new();
    for payload in Parser::new(0).parse_all(part) {
        let Payload::ImportSection(imports) = payload? else { continue };
        for import in imports.into_imports() {
            let name = import?.name;
            if !exported.contains(name) {
                missing.push(name.to_owned());
            }
        }
    }
    Ok(missing)
}

/// Writes the parts and their loader to `folder`, and what is left of `module` to `rest`. Gives the parts.
fn split(module: &Path, folder: &Path, rest: &Path) -> Result<Vec<PathBuf>> {
    let whole = fs::read(module)?;
    let main_module = format!("./{NAME}.js");
    let mut options = Options::new(&whole);
    options.output_dir = folder;
    options.main_out_path = rest;
    options.link_name = LOADER;
    options.main_module = &main_module;
    let parts = transform(options).map_err(|error| anyhow!("{error:#}"))?.split_modules;
    for part in &parts {
        let named = fs::read(part)?;
        fs::write(part, without_names(&named).with_context(|| format!("reading {}", part.display()))?)?;
    }
    Ok(parts)
}

/// A module without what only debuggers and binders read. The main one loses it in binding.
fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    let mut bare = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Some((id, range)) = payload.as_section()
            && !matches!(payload, Payload::CustomSection(_))
        {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let data = module.get(range).context("a section ends after the module")?;
            bare.section(&RawSection { id, data });
        }
    }
    Ok(bare.finish())
}

#[cfg(test)]
mod tests {
    use super::{missing, without_comments, without_hashes, without_names};
    use wasm_encoder::{
        CustomSection, EntityType, ExportKind, ExportSection, ImportSection, MemorySection, MemoryType, Module, TypeSection,
    };

    const MEMORY: MemoryType =
        MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };

    fn memory() -> MemorySection {
        let mut memories = MemorySection::new();
        memories.memory(MEMORY);
        memories
    }

    #[test]
    fn comments_and_indents_go_and_the_script_stays() {
        let script = "/**\n * Words. `a`\n */\nexport const a = {\n    b: `c // d`,\n\n    // Why.\n    e: \"/*\",\n};\n/* one line */\n";
        assert_eq!(without_comments(script).unwrap(), "export const a = {\nb: `c // d`,\ne: \"/*\",\n};\n");
        for odd in ["a = `one\n    two`;\n", "/* a */ b();\n", "/* no end\n"] {
            assert!(without_comments(odd).is_err(), "{odd}");
        }
    }

    /// A module that takes functions of these names.
    fn taking(names: &[&str]) -> Vec<u8> {
        let (mut kinds, mut imports) = (TypeSection::new(), ImportSection::new());
        kinds.ty().function([], []);
        for name in names {
            imports.import("wbg", name, EntityType::Function(0));
        }
        Module::new().section(&kinds).section(&imports).section(&memory()).clone().finish()
    }

    #[test]
    fn names_lose_their_hashes_on_both_sides_and_stay_apart() {
        let script = "__wbg_get_0123456789abcdef: a, __wbg_get_fedcba9876543210: b, __wbindgen_throw: c, __wbg_set_0123456789abcdeg: d";
        let module = taking(&[
            "__wbg_get_0123456789abcdef",
            "__wbg_get_fedcba9876543210",
            "__wbindgen_throw",
            "__wbg_set_0123456789abcdeg",
        ]);
        let (script, module) = without_hashes(script, &module).unwrap();
        assert_eq!(script, "__wbg_get: a, __wbg_get_2: b, __wbindgen_throw: c, __wbg_set_0123456789abcdeg: d");
        assert_eq!(module, taking(&["__wbg_get", "__wbg_get_2", "__wbindgen_throw", "__wbg_set_0123456789abcdeg"]));
        assert!(without_hashes("", &taking(&["__wbg_get_0123456789abcdef"])).is_err(), "a script that lacks it");
    }

    #[test]
    fn what_a_part_asks_for_is_exported_or_named() {
        let mut imports = ImportSection::new();
        imports.import("__wasm_split", "memory", EntityType::Memory(MEMORY));
        imports.import("__wasm_split", "more", EntityType::Memory(MEMORY));
        let part = Module::new().section(&imports).clone().finish();
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        let main = Module::new().section(&memory()).section(&exports).clone().finish();
        assert_eq!(missing(&part, &main).unwrap(), ["more"]);
        exports.export("more", ExportKind::Memory, 0);
        let main = Module::new().section(&memory()).section(&exports).clone().finish();
        assert!(missing(&part, &main).unwrap().is_empty());
    }

    #[test]
    fn names_go_and_nothing_else() {
        let named = Module::new()
            .section(&memory())
            .section(&CustomSection { name: "name".into(), data: (&[1, 2, 3][..]).into() })
            .clone()
            .finish();
        assert_eq!(without_names(&named).unwrap(), Module::new().section(&memory()).clone().finish());
        assert!(without_names(b"not a module").is_err());
    }
}
