//! Unknown names (config.md §16), by the table: a child is known when its path has a row.

use std::collections::BTreeMap;

use crate::lookup::{Context, Scope};
use crate::report::{Note, nearest};
use crate::table::{self, Kind, Row};
use crate::tree::Directive;

/// Blocks of the root that are looked at later, as SRS does.
const LATER: &[&str] = &["stream_caster", "vhost"];

/// Names of the root and of its blocks.
pub(super) fn root(context: &Context<'_>) {
    check_children(context, "", "the root", context.root, &|name| !LATER.contains(&name));
}

/// Names inside of stream casters.
pub(super) fn stream_casters(context: &Context<'_>) {
    for caster in context.root.iter().filter(|directive| directive.name == "stream_caster") {
        check_children(context, "stream_caster", "stream_caster", &caster.children, &|_| true);
    }
}

/// Names inside of vhosts.
pub(super) fn vhosts(context: &Context<'_>) {
    let mut seen: BTreeMap<&str, &Directive> = BTreeMap::new();
    for vhost in Scope::root(context).all("vhost") {
        check_children(context, "vhost", "vhost", &vhost.children, &|_| true);
        if vhost.args.is_empty() {
            context.note(Note::warning(&vhost.pos, "a vhost without a name serves nobody").help("write vhost NAME {"));
        } else if let Some(first) = seen.get(vhost.arg0()) {
            let message = format!("vhost {} is given twice: the first one counts ({})", vhost.arg0(), first.pos);
            context.note(Note::warning(vhost.value_pos(), message));
        } else {
            seen.insert(vhost.arg0(), vhost);
        }
    }
}

/// Checks the names of `children`, which stand in the block `path`, and goes on into those that `into` lets it.
fn check_children(context: &Context<'_>, path: &str, title: &str, children: &[Directive], into: &dyn Fn(&str) -> bool) {
    let rows: Vec<&Row> = table::children(path).collect();
    let open = table::find(path).is_some_and(|row| row.kind == Kind::Open);
    let mut seen: BTreeMap<&str, &Directive> = BTreeMap::new();
    for child in children {
        let Some(row) = rows.iter().find(|row| row.name() == child.name) else {
            unknown(context, path, title, child, &rows, open);
            continue;
        };
        check_form(context, row, child);
        if let (Some(first), false) = (seen.get(row.name()), row.repeats) {
            context.note(duplicate(child, first));
        }
        seen.entry(row.name()).or_insert(child);
        if row.kind.is_block() && into(row.name()) {
            check_children(context, row.path, row.path, &child.children, into);
        }
    }
}

/// A name without a row: an error, or at most a hint where SRS tolerates anything.
fn unknown(context: &Context<'_>, path: &str, title: &str, child: &Directive, rows: &[&Row], open: bool) {
    let name = child.name.as_str();
    let near = nearest(name, rows.iter().map(|row| row.name())).map(|near| format!("did you mean \"{near}\"?"));
    if open {
        // Children of the open blocks of ffmpeg options are options, not directives.
        if near.is_some() {
            let message = format!("{title} does not know \"{name}\" and ignores it");
            context.note(Note::warning(&child.pos, message).maybe_help(near));
        }
        return;
    }
    let elsewhere = || {
        let row = table::rows().find(|row| row.name() == name && row.parent() != path)?;
        Some(match row.parent() {
            "" => format!("\"{name}\" stands outside of blocks"),
            parent => format!("\"{name}\" is known in {parent}"),
        })
    };
    context.note(
        Note::error(&child.pos, format!("unknown directive \"{name}\" in {title}")).maybe_help(near.or_else(elsewhere)),
    );
}

/// A block without braces, braces after a simple directive, a name that does nothing.
fn check_form(context: &Context<'_>, row: &Row, child: &Directive) {
    if row.kind == Kind::Inert {
        context.note(Note::warning(&child.pos, format!("{} has no effect", row.path)));
    } else if row.kind.is_block() && !child.block {
        context.note(Note::warning(&child.pos, format!("{} is a block and does nothing without braces", row.path)));
    } else if !row.kind.is_block() && child.block {
        context
            .note(Note::warning(&child.pos, format!("{} takes no block: what is in the braces is ignored", row.path)));
    }
}

fn duplicate(child: &Directive, first: &Directive) -> Note {
    let message = format!("\"{}\" is given twice: the first one counts ({})", child.name, first.pos);
    Note::warning(&child.pos, message)
}
