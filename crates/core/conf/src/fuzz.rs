//! Bodies for fuzzing: any bytes, no panic, and what is written back reads the same.

use std::io;

use crate::env::Env;
use crate::load::{Facts, Source};
use crate::model::Config;
use crate::report::Notes;
use crate::tree::Tree;

/// A configuration, and after a NUL the lines `NAME=VALUE` of an environment. Includes find nothing but themselves.
pub fn conf(data: &[u8]) {
    let (text, env) = data.iter().position(|b| *b == 0).map_or((data, &data[..0]), |at| data.split_at(at));
    let read = |path: &str| match path {
        "self" => Ok(text.to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    if let Ok(tree) = Tree::parse("fuzz", text, &read, &mut Notes::default()) {
        let written = tree.to_string();
        let again = Tree::parse("again", written.as_bytes(), &read, &mut Notes::default());
        assert!(again.is_ok_and(|again| again == tree), "written back differently:\n{written}");
    }
    let env_text = String::from_utf8_lossy(env);
    let env: Env = env_text.trim_start_matches('\0').lines().filter_map(|line| line.split_once('=')).collect();
    let facts = Facts { open_files: Some(1024), local_ips: Some(1), in_docker: data.len().is_multiple_of(2) };
    let source = Source::Text { name: "fuzz".into(), text: String::from_utf8_lossy(text).into_owned() };
    let env_only = (env != Env::default()).then_some(Source::EnvOnly);
    for source in std::iter::once(source).chain(env_only) {
        match Config::load_with(source, &env, &facts, &read) {
            Ok(loaded) => loaded.warnings.iter().for_each(|note| drop(note.to_string() + &note.line())),
            Err(report) => assert!(!report.to_string().is_empty()),
        }
    }
}

#[cfg(test)]
mod tests;
