use std::collections::BTreeMap;

use super::*;

/// Parses `text`, files named like the keys of `files` being there to include.
fn parse_with(text: &str, files: &[(&str, &str)]) -> Result<Tree, Note> {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let read = |path: &str| match files.get(path) {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    Tree::parse("a.conf", text.as_bytes(), &read, &mut Notes::default())
}

/// `text` means what `expect` says, one directive a line; or it fails with that place and message.
fn check_with(text: &str, files: &[(&str, &str)], expect: &str) {
    let seen = match parse_with(text, files) {
        Ok(tree) => tree.to_string(),
        Err(note) => format!("{}: {}", note.place, note.message),
    };
    assert_eq!(seen.trim_end(), expect, "{text}");
}

fn check(text: &str, expect: &str) {
    check_with(text, &[], expect);
}

// row: config.md §1 2
#[test]
fn a_directive_finishes_on_its_line() {
    check("listen 1935\n;", "a.conf:1:12: expected \";\" or \"{\" to finish \"listen\"");
    check("listen\n1935;", "a.conf:1:7: expected \";\" or \"{\" to finish \"listen\"");
    check("vhost a\n{}", "a.conf:1:8: expected \";\" or \"{\" to finish \"vhost\"");
    check("vhost a { # yes\n}", "vhost a {\n}");
}

// row: config.md §1 6
#[test]
fn errors_name_their_place() {
    check("a {\n b;", "a.conf:1:3: this block is never closed");
    check("a", "a.conf:1:2: expected \";\" or \"{\" to finish \"a\"");
    check("a;\n }", "a.conf:2:2: unexpected \"}\"");
    check("a { b }", "a.conf:1:7: unexpected \"}\": \"b\" is not finished");
    check(";", "a.conf:1:1: unexpected \";\": a directive starts with its name");
    check("a;\n\t{", "a.conf:2:2: unexpected \"{\": a directive starts with its name");
    check("a \"b;", "a.conf:1:3: this \" is never closed");
    check("'';", "a.conf:1:3: unexpected \";\": a directive starts with its name");
}

// row: config.md §1 7
#[test]
fn includes_are_put_in_place() {
    let files =
        [("x.conf", "x 1;\ninclude 'dir/y.conf';"), ("dir/y.conf", "y { }"), ("close", "b; }"), ("open", "b {")];
    check_with("include x.conf;z;", &files, "x 1;\ny {\n}\nz;");
    check_with("a { include x.conf dir/y.conf; }", &files, "a {\n    x 1;\n    y {\n    }\n    y {\n    }\n}");
    check_with("a {\ninclude close;", &files, "close:1:4: unexpected \"}\"");
    check_with("a {\ninclude open; }", &files, "open:1:3: this block is never closed");
    check_with("include *.conf;", &files, "a.conf:1:9: cannot read \"*.conf\": entity not found");
    check_with("include;", &files, "a.conf:1:1: include names no file");
    check_with("include x { }", &files, "a.conf:1:11: include takes files, not a block");
}

// row: config.md §1 8
#[test]
fn first_occurrence_counts() {
    let tree = parse_with("a { x 1 2; x 3; }\na { y; }", &[]).unwrap();
    let a = tree.get("a").unwrap();
    assert_eq!(a.child("x").map(Directive::arg0), Some("1"));
    assert!(a.child("y").is_none());
    assert_eq!(a.child("x").unwrap().args[1].pos.to_string(), "a.conf:1:9");
}

// row: config.md §1 10
// row: config.md §1 11
#[test]
fn words_after_the_name() {
    check("listen 1935 1936; ingest id { engine { } engine x { } }", {
        "listen 1935 1936;\ningest id {\n    engine {\n    }\n    engine x {\n    }\n}"
    });
}

// row: config.md §1 9
#[test]
fn nothing_parses() {
    check("", "");
    check("\n # only this\n", "");
}

#[test]
fn caps() {
    let deep = |n| "a {".repeat(n) + &"}".repeat(n);
    assert!(parse_with(&deep(MAX_DEPTH), &[]).is_ok());
    check(&deep(MAX_DEPTH + 1), &format!("a.conf:1:{}: blocks are nested deeper than 32", 3 * MAX_DEPTH + 3));
    check(&deep(100_000), &format!("a.conf:1:{}: blocks are nested deeper than 32", 3 * MAX_DEPTH + 3));
    check_with("include self;", &[("self", "include self;")], "self:1:1: includes are nested deeper than 16");
    let twice = [("self", "include self self;")];
    check_with("include self;", &twice, "self:1:1: includes are nested deeper than 16");
    check_with("include a b;", &[("a", ""), ("b", &"#".repeat(MAX_FILE_BYTES + 1))], {
        "a.conf:1:11: b is larger than 4194304 bytes"
    });
    let many = format!("include {};", "a ".repeat(MAX_FILES));
    check_with(&many, &[("a", "")], "a.conf:1:2055: more than 1024 files or 16777216 bytes, includes counted");
}

#[test]
fn written_back_the_same() {
    for text in
        ["a \"b c\" 'd\"e' f\"g;", "'{' \"}\" \"#\" \"'\";", "\"\u{feff}a\" { '}' { } }", "a b}c;", "'include' x;"]
    {
        let tree = parse_with(text, &[("x", "y;")]).unwrap();
        assert_eq!(parse_with(&tree.to_string(), &[]).unwrap(), tree, "{tree}");
    }
}

#[test]
fn other_encodings_are_read_with_a_warning() {
    let mut notes = Notes::default();
    let read = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let tree = Tree::parse("a.conf", b"# \xd6\xd0\xce\xc4\nlisten 1935; pid \xd6;", &read, &mut notes).unwrap();
    assert_eq!(tree.directives.len(), 2);
    let warnings = notes.finish().unwrap();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].place.to_string(), "a.conf:2:18");
}
