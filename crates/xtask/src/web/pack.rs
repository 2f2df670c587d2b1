//! Lays out web-client/dist from what wasm-bindgen wrote and what web-client holds:
//!
//! - `/app/HASH/…`: the script, the module, their snippets and the joined style. The hash is over all of them, so these files
//!   never change under their names and browsers may keep them for ever; their links to each other stay relative.
//! - `/assets/…`: whatever else is in `assets/`, under its own name.
//! - `/index.html`, `/sw.js` and `/robots.txt` from their templates, in which `{{app_js}}`, `{{app_wasm}}` and `{{css}}` stand for
//!   the names that came out, `{{wasm_bytes}}` and `{{wasm_sent_bytes}}` for the module's size as it is and as it is sent, `{{version}}` for a hash of everything, `{{precache}}` for a JSON array of what to keep for offline
//!   starts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::hash::Hasher;
use crate::paths;
use crate::web::compress;

/// The style sheet that all `*.css` files are joined into.
const STYLE: &str = "hearth-web.css";
/// The templates at the top of web-client.
const TEMPLATES: &[&str] = &["index.html", "sw.js", "robots.txt"];
/// The module of the first load.
const MODULE: &str = "hearth-web_bg.wasm";

/// Loads the page anew when the server has another one.
const RELOAD: &str = include_str!("reload.js");

/// What is done beside laying the files out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extras {
    /// The page watches for the next build.
    pub(crate) reloads: bool,
    /// Everything has compressed siblings.
    pub(crate) compresses: bool,
}

/// Writes `dist` from the folder `glue` of wasm-bindgen and the client's own folder.
pub(crate) fn pack(glue: &Path, client: &Path, dist: &Path, extras: Extras) -> Result<()> {
    let code = listed(glue)?;
    let style = style(client)?;
    let hash = hash_of(&code, &style)?;
    let app = format!("app/{hash}");
    let mut whole = Hasher::new();
    whole.add("app", hash.as_bytes());
    let mut precache = vec!["/".to_owned(), format!("/{app}/{STYLE}")];
    for (name, path) in &code {
        copy(path, &dist.join(&app).join(name))?;
        precache.push(format!("/{app}/{name}"));
    }
    fs::write(dist.join(&app).join(STYLE), &style).context("writing the style sheet")?;
    for (name, path) in listed(&client.join("assets"))? {
        if !name.ends_with(".css") {
            copy(&path, &dist.join("assets").join(&name))?;
            whole.add_file(&name, &path)?;
            precache.push(format!("/assets/{name}"));
        }
    }
    for template in TEMPLATES.iter().filter(|template| client.join(template).is_file()) {
        whole.add_file(template, &client.join(template))?;
    }
    if extras.compresses {
        compress::below(dist)?;
    }
    let (wasm_bytes, wasm_sent_bytes) = module_sizes(&dist.join(&app))?;
    let values = [
        ("app_js", format!("/{app}/hearth-web.js")),
        ("app_wasm", format!("/{app}/{MODULE}")),
        ("wasm_bytes", wasm_bytes.to_string()),
        ("wasm_sent_bytes", wasm_sent_bytes.to_string()),
        ("css", format!("/{app}/{STYLE}")),
        ("precache", serde_json::to_string(&precache)?),
        ("version", whole.short()),
    ];
    for template in TEMPLATES {
        let path = client.join(template);
        if path.is_file() {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {template}"))?;
            let mut filled = fill(&text, &values).with_context(|| format!("filling {template}"))?;
            if extras.reloads && template.ends_with(".html") {
                filled = filled.replace("</body>", &format!("<script>\n{RELOAD}</script>\n</body>"));
            }
            fs::write(dist.join(template), filled).with_context(|| format!("writing {template}"))?;
        }
    }
    if extras.compresses { compress::below(dist) } else { Ok(()) }
}

/// The module's size as it is, and as it is sent to nearly every browser; the same when it is not compressed.
fn module_sizes(app: &Path) -> Result<(u64, u64)> {
    let size = fs::metadata(app.join(MODULE)).context("looking at the module")?.len();
    let sent = fs::metadata(app.join(format!("{MODULE}.br")));
    Ok((size, sent.map_or(size, |sent| sent.len())))
}

/// Every `*.css` under assets/ and then under src/, each in order of path, as one sheet.
fn style(client: &Path) -> Result<String> {
    let mut sheet = String::new();
    for folder in ["assets", "src"] {
        for (name, path) in listed(&client.join(folder))? {
            if name.ends_with(".css") {
                let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                sheet.push_str(&text);
                sheet.push('\n');
            }
        }
    }
    Ok(sheet)
}

/// Puts the values into a template; a name that nothing stands for is an error, not an empty place.
fn fill(template: &str, values: &[(&str, String)]) -> Result<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, next)) = after.split_once("}}") else { bail!("`{{{{` is never closed") };
        let value = values.iter().find(|(own, _)| *own == name.trim());
        let Some((_, value)) = value else { bail!("nothing is called `{}`", name.trim()) };
        filled.push_str(before);
        filled.push_str(value);
        rest = next;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Files below `folder` as (name with slashes, path), without hidden ones; none when there is no such folder.
fn listed(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let files = paths::files_below(folder, &hidden)?;
    let name = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
    Ok(files.into_iter().map(|path| (name(&path), path)).collect())
}

fn hash_of(code: &[(String, PathBuf)], style: &str) -> Result<String> {
    let mut hasher = Hasher::new();
    for (name, path) in code {
        hasher.add_file(name, path)?;
    }
    hasher.add(STYLE, style.as_bytes());
    Ok(hasher.short())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Extras, fill, module_sizes, pack};
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_template_gets_its_values_and_unknown_names_are_refused() {
        let values = [("css", "/app/1/a.css".to_owned()), ("precache", "[]".to_owned())];
        assert_eq!(fill("<link href=\"{{css}}\">{{ precache }}.", &values).unwrap(), "<link href=\"/app/1/a.css\">[].");
        assert!(fill("{{gone}}", &values).unwrap_err().to_string().contains("gone"));
        assert!(fill("{{css", &values).is_err());
    }

    /// Packs a small client and gives back its index.html and sw.js.
    fn packed(folder: &Path, script: &str, icon: &str) -> (String, String) {
        packed_as(folder, script, icon, false)
    }

    fn packed_as(folder: &Path, script: &str, icon: &str, reloads: bool) -> (String, String) {
        let files = [
            ("glue/hearth-web.js", script),
            ("glue/hearth-web_bg.wasm", "wasm"),
            ("client/assets/base.css", "a{}"),
            ("client/assets/icon.svg", icon),
            ("client/src/b/b.css", "b{}"),
            ("client/src/b/b.rs", "not packed"),
            ("client/index.html", "{{app_js}} {{app_wasm}} {{css}} </body>"),
            ("client/sw.js", "{{version}} {{precache}}"),
        ];
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        pack(&folder.join("glue"), &folder.join("client"), &folder.join("dist"), Extras { reloads, compresses: false })
            .unwrap();
        let read = |name: &str| fs::read_to_string(folder.join("dist").join(name)).unwrap();
        (read("index.html"), read("sw.js"))
    }

    #[test]
    fn names_change_with_the_content_and_everything_named_is_there() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().to_path_buf();
        let (page, worker) = packed(&folder, "one", "icon");
        for name in page.split(' ').filter(|word| word.starts_with('/')).chain(["/assets/icon.svg"]) {
            assert!(folder.join("dist").join(&name[1..]).is_file(), "{name} is not there");
            assert!(worker.contains(&format!("\"{name}\"")), "{name} is not in {worker}");
        }
        let style = page.split(' ').nth(2).unwrap();
        assert_eq!(fs::read_to_string(folder.join("dist").join(&style[1..])).unwrap(), "a{}\nb{}\n");
        let (other_page, _) = packed(&folder, "two", "icon");
        assert_ne!(page, other_page);
        let (same_page, other_worker) = packed(&folder, "one", "another icon");
        assert_eq!(page, same_page);
        assert_ne!(worker, other_worker);
    }

    #[test]
    fn the_page_knows_how_large_the_module_is_and_how_large_when_it_is_sent() {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("hearth-web_bg.wasm"), [0; 900]).unwrap();
        assert_eq!(module_sizes(scratch.path()).unwrap(), (900, 900));
        fs::write(scratch.path().join("hearth-web_bg.wasm.br"), [0; 300]).unwrap();
        assert_eq!(module_sizes(scratch.path()).unwrap(), (900, 300));
    }

    #[test]
    fn only_a_watched_page_loads_itself_anew() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!packed_as(folder.path(), "one", "icon", false).0.contains("<script>"));
        let (page, _) = packed_as(folder.path(), "one", "icon", true);
        assert!(page.contains("location.reload()") && page.ends_with("</body>"));
    }
}
