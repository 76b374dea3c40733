//! One warning for each service that is switched on and not there yet.

use crate::lookup::{Context, Scope};
use crate::model::DEFAULT_VHOST;
use crate::place::Place;
use crate::report::Note;
use crate::table::{self, Kind, Row};

/// A service that is on: what it is called, and where it was switched on first.
struct On {
    service: &'static str,
    switch: String,
    place: Place,
    more: usize,
}

/// Warns about each service once, at the first place that switches it on.
pub(super) fn warn(context: &Context<'_>) {
    let mut found: Vec<On> = Vec::new();
    walk(&Scope::root(context), "", "", &mut found);
    for on in found {
        let more = if on.more > 0 { format!(" (and {} more)", on.more) } else { String::new() };
        let message = format!("{}{more}, but this version does not serve {} yet", on.switch, on.service);
        context.note(Note::warning(on.place, message));
    }
}

/// Looks at every switch of the block `path`, and at the blocks in it; `owner` is the vhost for messages.
fn walk(scope: &Scope<'_>, path: &str, owner: &str, found: &mut Vec<On>) {
    for row in table::children(path) {
        if let Some((service, word)) = row.later {
            look(scope, row, service, word, owner, found);
        }
        if !row.kind.is_block() {
            continue;
        }
        // The environment may switch on what the file does not name, but it makes no vhosts unless it is alone.
        let blocks: Vec<Scope<'_>> = match row.repeats && !scope.context.env_only {
            true => scope.blocks(row.name()).collect(),
            false => vec![scope.block(row.name())],
        };
        for block in blocks {
            if row.path == "vhost" && !block.bool("enabled") {
                continue;
            }
            let name = if row.path == "vhost" { vhost_name(&block) } else { owner.to_owned() };
            walk(&block, row.path, &name, found);
        }
    }
}

fn vhost_name(vhost: &Scope<'_>) -> String {
    let name = vhost.first_word();
    format!("vhost {}: ", if name.is_empty() { DEFAULT_VHOST } else { &name })
}

fn look(scope: &Scope<'_>, row: &Row, service: &'static str, word: &str, owner: &str, found: &mut Vec<On>) {
    let Some(value) = scope.find(row.name()) else { return };
    let on = match row.kind {
        Kind::B0 | Kind::B1 => scope.bool(row.name()),
        _ => value.word() == word,
    };
    if on {
        let what = row.path.trim_start_matches("vhost.").trim_end_matches(".enabled");
        add(found, service, format!("{owner}{what} is {word}"), value.place);
    }
}

fn add(found: &mut Vec<On>, service: &'static str, switch: String, place: Place) {
    match found.iter_mut().find(|on| on.service == service) {
        Some(on) => on.more += 1,
        None => found.push(On { service, switch, place, more: 0 }),
    }
}
