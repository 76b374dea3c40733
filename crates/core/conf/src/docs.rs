//! Texts made from the table: `conf/full.conf` and `docs/configuration.md`. A test keeps the files equal to these.

use crate::table::{self, Kind, Reload, Row};
use crate::tree::quote;

/// Every directive with its default, its environment names and its help, as a configuration that refuses to start.
pub fn full_conf() -> String {
    let mut text = String::from(
        "# Every directive of weir with its default. Those in comments have no fixed default: their values are samples.\n\
         # This file is a reference and refuses to start (see is_full); copy what you need into a file of your own.\n\
         # It is generated from the table in crates/core/conf: edit that, then run the tests with UPDATE_EXPECT=1.\n",
    );
    write_children(&mut text, "", 0);
    text
}

fn write_children(text: &mut String, path: &str, depth: usize) {
    let indent = " ".repeat(depth * 4);
    for row in table::children(path) {
        text.push('\n');
        *text += &format!("{indent}# {}.\n", row.help);
        if row.kind.is_block() {
            let sample = if row.sample.is_empty() { String::new() } else { format!(" {}", row.sample) };
            if row.weir {
                *text += &format!("{indent}# weir's own.\n");
            }
            *text += &format!("{indent}{}{sample} {{", row.name());
            let before = text.len();
            write_children(text, row.path, depth + 1);
            // A block without rows of its own stays on one line.
            *text += &if text.len() == before { "}\n".to_owned() } else { format!("{indent}}}\n") };
            continue;
        }
        *text += &format!("{indent}# {}.\n", facts(row).join("; "));
        *text += &format!("{indent}{}\n", line(row));
    }
}

/// The directive as it would be written.
fn line(row: &Row) -> String {
    let words = |text: &str| match row.kind {
        Kind::List | Kind::Rules => text.to_owned(),
        _ => quote(text),
    };
    match row {
        // The guard that makes the file a reference.
        Row { path: "is_full", .. } => "is_full on;".to_owned(),
        Row { path: "listen", .. } => format!("listen {};", row.sample),
        Row { kind: Kind::Inert, .. } => format!("# {};", row.name()),
        _ if row.default.is_empty() => format!("# {} {};", row.name(), words(row.sample)),
        // Written down, it would be no default any more.
        _ if !row.instead.is_empty() => format!("# {} {};", row.name(), words(row.default)),
        _ => format!("{} {};", row.name(), words(row.default)),
    }
}

/// What the comment above a directive says beside its help.
fn facts(row: &Row) -> Vec<String> {
    let mut facts = vec![row.kind.name().to_owned()];
    if row.kind == Kind::Inert {
        return facts;
    }
    facts.push(format!("default {}", default(row)));
    let names = row.env_names();
    if !names.is_empty() {
        facts.push(names.join(" or "));
    }
    if row.reload != Reload::Never {
        facts.push(format!("reload: {}", row.reload.name()));
    }
    if row.weir {
        facts.push("weir's own".to_owned());
    }
    if row.later.is_some() {
        facts.push("not served yet".to_owned());
    }
    facts
}

/// The default in words, with its conditions.
fn default(row: &Row) -> String {
    let base = match row {
        Row { path: "listen", .. } => "none: required".to_owned(),
        Row { like: Some(path), .. } if !path.contains('.') => format!("that of {path} outside of blocks"),
        Row { like: Some(path), .. } => format!("that of {path}"),
        Row { default: "", .. } => "none".to_owned(),
        _ => row.default.to_owned(),
    };
    row.instead.iter().fold(base, |text, (value, when)| format!("{text}, {value} {when}"))
}

/// The reference in Markdown: one table for each block.
pub fn reference() -> String {
    let mut text = String::from(
        "# Configuration reference\n\
         \n\
         <!-- Generated from the table in crates/core/conf: edit that, then run the tests with UPDATE_EXPECT=1. -->\n\
         \n\
         The language is that of SRS: `name words;` or `name words { … }`, each finished on the line where it starts;\n\
         `#` starts a comment; words with blanks, `;`, `{` or `}` stand in quotes; `include FILE;` puts a file in place.\n\
         Of several directives of the same name the first one counts, unless the table says repeatable.\n\
         \n\
         - **Value** `on, off`: where the default is on, only `off` turns it off; where it is off, only `on` turns it\n\
         \x20 on, unless noted.\n\
         - **Environment** beats the file, and in a vhost it applies to every vhost. An empty variable counts as not set.\n\
         \x20 `SRS_CONFIG_FILE` beats `-c`; `SRS_ENV_ONLY` is the same as `-e`.\n\
         - **Reload** is when a changed value takes effect after a reload.\n\
         - Names marked **weir** are weir's own: SRS does not know them.\n",
    );
    section(&mut text, "", "Outside of blocks");
    for block in table::rows().filter(|row| row.kind.is_block()) {
        section(&mut text, block.path, &title(block));
    }
    text
}

fn title(block: &Row) -> String {
    let mut title = format!("`{}`", block.path);
    if block.weir {
        title += " (weir)";
    }
    title
}

fn section(text: &mut String, path: &str, title: &str) {
    *text += &format!("\n## {title}\n\n");
    if let Some(block) = table::find(path) {
        *text += &format!("{}.\n", block.help);
        if block.kind == Kind::Open {
            *text += "Names that are not listed are tolerated and ignored, as in SRS.\n";
        }
        if let Some(other) = block.like {
            *text += &format!("Its directives are those of `{other}`.\n");
            return;
        }
        text.push('\n');
    }
    let rows: Vec<&Row> = table::children(path).filter(|row| !row.kind.is_block()).collect();
    if rows.is_empty() {
        text.truncate(text.trim_end().len());
        text.push('\n');
        return;
    }
    *text += "| Directive | Value | Default | Environment | Reload | Meaning |\n|---|---|---|---|---|---|\n";
    rows.into_iter().for_each(|row| *text += &table_line(row));
}

fn table_line(row: &Row) -> String {
    let names: Vec<String> = row.env_names().iter().map(|name| format!("`{name}`")).collect();
    let default = match row {
        Row { default: "" | "*", .. } | Row { like: Some(_), .. } => default(row).replace('*', "`*`"),
        Row { kind: Kind::Inert, .. } => String::new(),
        _ => default(row).replacen(row.default, &format!("`{}`", row.default), 1),
    };
    let mut help = row.help.replace('|', "\\|").replace('*', "`*`");
    help += if row.weir { " (**weir**)" } else { "" };
    help += if row.later.is_some() { "; not served yet" } else { "" };
    let odd = row.env_kind.is_some() || (row.kind == Kind::B1 && row.default == "off");
    if odd || (row.kind == Kind::B0 && row.default == "on") {
        help += &format!("; {}", odd_words(row));
    }
    let environment = names.join(" or ");
    format!(
        "| `{}` | {} | {} | {} | {} | {help} |\n",
        row.name(),
        row.kind.name(),
        if row.kind == Kind::Inert { String::new() } else { default },
        if environment.is_empty() { "–".to_owned() } else { environment },
        row.reload.name()
    )
}

/// How words other than on and off are read, where the default does not tell.
fn odd_words(row: &Row) -> String {
    let rule = |kind| if kind == Kind::B1 { "any word but off is on" } else { "any word but on is off" };
    match row.env_kind {
        Some(env) => format!("in the file {}, in the environment {}", rule(row.kind), rule(env)),
        None => rule(row.kind).to_owned(),
    }
}

#[cfg(test)]
mod tests;
