//! Files that somebody picked, pasted or dropped.

use hearth_web_state::files::Found;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList, HtmlInputElement};

/// Files out of a field for files, which is empty afterwards so that the same file can be picked again.
pub(crate) fn of_input(event: &Event) -> Vec<Found<File>> {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
        return Vec::new();
    };
    let found = all(input.files());
    input.set_value("");
    found
}

/// Files on the clipboard that is being pasted.
pub(crate) fn of_clipboard(event: &Event) -> Vec<Found<File>> {
    let data = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
    // Text that was copied out of a document may come with a picture of itself.
    let is_text = data.as_ref().is_some_and(|data| data.get_data("text/plain").is_ok_and(|text| !text.is_empty()));
    if is_text { Vec::new() } else { of_transfer(data) }
}

/// Files that were dropped.
pub(crate) fn of_drop(event: &DragEvent) -> Vec<Found<File>> {
    of_transfer(event.data_transfer())
}

fn of_transfer(data: Option<DataTransfer>) -> Vec<Found<File>> {
    all(data.and_then(|data| data.files()))
}

fn all(files: Option<FileList>) -> Vec<Found<File>> {
    let Some(files) = files else { return Vec::new() };
    let found = |file: File| Found { name: file.name(), mime: file.type_(), size: file.size() as u64, source: file };
    (0..files.length()).filter_map(|at| files.item(at)).map(found).collect()
}
