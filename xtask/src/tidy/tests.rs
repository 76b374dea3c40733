use super::*;
use crate::workspace::{Dependency, Package};

const LINTS: &str = "[lints]\nworkspace = true\n";

fn messages(found: &[Violation]) -> Vec<String> {
    found.iter().map(|violation| format!("{}: {}", violation.line, violation.message)).collect()
}

/// Compares the beginnings of what was found, in order.
#[track_caller]
fn assert_found(found: &[Violation], expect: &[&str]) {
    let got = messages(found);
    let same = got.len() == expect.len() && got.iter().zip(expect).all(|(got, expect)| got.starts_with(expect));
    assert!(same, "found {got:#?}\nexpected {expect:#?}");
}

fn manifest(text: &str) -> File {
    File { name: "Cargo.toml".to_owned(), text: text.to_owned() }
}

fn package(name: &str, folder: &str, to: &[(&str, &str)]) -> Package {
    let dependencies = to
        .iter()
        .map(|(name, folder)| Dependency {
            name: (*name).to_owned(),
            folder: (!folder.is_empty()).then(|| (*folder).to_owned()),
        })
        .collect();
    Package { name: name.to_owned(), folder: folder.to_owned(), crate_roots: Vec::new(), dependencies }
}

/// `from` and `to` are folders; the edge is forbidden with a message that holds `expect`, or allowed.
#[track_caller]
fn check_edge(from: &str, to: &str, expect: Option<&str>) {
    let folder = from.rsplit('/').next().unwrap();
    let name = match from {
        "crates/weir" | "xtask" => folder.to_owned(),
        _ if from.starts_with("crates/protocols") => format!("weir-proto-{folder}"),
        _ => format!("weir-{folder}"),
    };
    let mut found = Vec::new();
    let text = format!("[package]\nname = \"{name}\"\n{LINTS}[dev-dependencies]\ndep = {{}}\n");
    floors::check(&package(&name, from, &[("dep", to)]), &manifest(&text), &mut found);
    match expect {
        None => assert_eq!(messages(&found), [""; 0], "{from} → {to}"),
        Some(why) => {
            assert_eq!(found.len(), 1, "{from} → {to}: {found:?}");
            assert!(found[0].message.contains(why), "{from} → {to}: {}", found[0].message);
            assert_eq!(found[0].line, 6);
        }
    }
}

#[test]
fn edges_go_down() {
    check_edge("crates/weir", "crates/services/http", None);
    check_edge("crates/services/http", "crates/formats/flv", None);
    check_edge("crates/core/hub", "crates/protocols/rtmp", None);
    check_edge("crates/protocols/rtmp", "crates/formats/flv", None);

    check_edge("crates/formats/flv", "crates/protocols/rtmp", Some("goes up (formats → protocols)"));
    check_edge("crates/protocols/rtmp", "crates/core/net", Some("goes up"));
    check_edge("crates/core/hub", "crates/services/rtmp", Some("goes up"));
    check_edge("crates/services/http", "crates/weir", Some("goes up (services → weir)"));
}

#[test]
fn siblings_follow_the_written_rank() {
    check_edge("crates/formats/flv", "crates/formats/codec", None);
    check_edge("crates/core/httpd", "crates/core/conf", None);

    check_edge("crates/formats/base", "crates/formats/codec", Some("the rank is base < json < codec < audio < flv"));
    check_edge("crates/core/hub", "crates/core/net", Some("the rank is conf < fetch < hub < admit < bridge < net"));
    check_edge("crates/core/hub", "crates/core/other", Some("does not hold both"));
    check_edge("crates/protocols/rtmp", "crates/protocols/srt", Some("sideways"));
    check_edge("crates/services/http", "crates/services/rtmp", Some("sideways"));
}

#[test]
fn nothing_sees_what_is_outside() {
    check_edge("e2e", "crates/formats/flv", None);
    check_edge("xtask", "crates/core/conf", None);
    check_edge("crates/weir", "e2e", Some("outside of the server"));
    check_edge("crates/formats/base", "xtask", Some("outside of the server"));
}

#[test]
fn packages_carry_the_name_of_their_folder() {
    let check = |name: &str, folder: &str, expect: &[&str]| {
        let mut found = Vec::new();
        let text = format!("[package]\nname = \"{name}\"\n{LINTS}");
        floors::check(&package(name, folder, &[]), &manifest(&text), &mut found);
        assert_found(&found, expect);
    };
    check("weir", "crates/weir", &[]);
    check("weir-hub", "crates/core/hub", &[]);
    check("weir-proto-rtmp", "crates/protocols/rtmp", &[]);
    check("weir-e2e", "e2e", &[]);
    check("weir-bench", "crates/weir-bench", &[]);
    check("hub", "crates/core/hub", &["2: package `hub` stands in crates/core/hub: name it `weir-hub`"]);
    check("weir-rtmp", "crates/protocols/rtmp", &["2: package `weir-rtmp`"]);
}

#[test]
fn lints_are_inherited() {
    let check = |lints: &str, expect: &[&str]| {
        let mut found = Vec::new();
        floors::check(&package("weir", "crates/weir", &[]), &manifest(lints), &mut found);
        assert_found(&found, expect);
    };
    check(LINTS, &[]);
    check("lints.workspace = true\n", &[]);
    check("[dependencies]\nx.workspace = true\n", &["1: does not inherit"]);
    check("[lints]\n[dependencies]\nworkspace = true\n", &["1: does not inherit"]);
}

#[test]
fn pure_floors_have_no_impure_dependency() {
    let check = |folder: &str, dependency: &str, expect: &[&str]| {
        let mut found = Vec::new();
        let text = format!("[dev-dependencies]\n{dependency} = \"1\"\n");
        purity::check_dependencies(&package("it", folder, &[(dependency, "")]), &manifest(&text), &mut found);
        assert_found(&found, expect);
    };
    check("crates/formats/flv", "bytes", &[]);
    check("crates/core/net", "tokio", &[]);
    check("crates/formats/flv", "tokio", &["2: it may not depend on tokio"]);
    check("crates/protocols/rtmp", "tokio-util", &["2: it may not depend on tokio-util"]);
    check("crates/protocols/rtmp", "socket2", &["2: it may not depend on socket2"]);
}

#[track_caller]
fn check_purity(name: &str, text: &str, expect: &[&str]) {
    let mut found = Vec::new();
    purity::check_source(&File { name: name.to_owned(), text: text.to_owned() }, &mut found);
    assert_found(&found, expect);
}

#[test]
fn pure_floors_name_no_io_and_no_clock() {
    let flv = "crates/formats/flv/src/tag.rs";
    check_purity(flv, "use std::fs;\n", &["1: `std::fs`"]);
    check_purity(flv, "\nlet now = Instant::now();\n", &["2: `Instant::now`"]);
    check_purity(flv, "use std::time::Instant;\nfn f(now: Instant) {}\n", &[]);
    check_purity(flv, "x.elapsed();", &["1: `.elapsed()`"]);
    check_purity(flv, "println!(\"\");", &["1: `println!`"]);
    check_purity(flv, "writeln!(f)?; core::net::Ipv4Addr::LOCALHOST;", &[]);
    check_purity(flv, "use std::{\n  fmt,\n  io::{self, net},\n};\n", &[]);
    check_purity(flv, "\nuse std::{\n  fmt,\n  net::TcpStream,\n};\n", &["2: `std::{net}`"]);
    check_purity("crates/protocols/rtmp/src/lib.rs", "async fn f() { tokio::spawn(g) }", &["1: `tokio`"]);
    check_purity("crates/core/net/src/lib.rs", "use std::fs; tokio::spawn(f);", &[]);
}

#[test]
fn comments_strings_and_tests_are_no_code() {
    let flv = "crates/formats/flv/src/tag.rs";
    check_purity(flv, "// std::fs\n/* tokio /* tokio */ tokio */\n", &[]);
    check_purity(flv, "let a = \"std::fs \\\" tokio\"; let b = r#\"tokio \" tokio\"#; let c = b\"tokio\";", &[]);
    check_purity(flv, "let c = '\"'; tokio::run();", &["1: `tokio`"]);
    check_purity(flv, "fn f<'a>(a: &'a str) { tokio::run(); }", &["1: `tokio`"]);
    check_purity(
        flv,
        "#[cfg(test)]\nmod tests {\n    use std::fs;\n    fn f() {}\n}\nuse std::env;\n",
        &["6: `std::env`"],
    );
    check_purity(flv, "#[cfg(test)]\nmod tests;\nuse std::env;\n", &["3: `std::env`"]);
    check_purity("crates/formats/flv/src/tag/tests.rs", "use std::fs;", &[]);
    check_purity("crates/formats/flv/tests/it.rs", "use std::fs;", &[]);
}

#[track_caller]
fn check_layout(name: &str, text: &str, expect: &[&str]) {
    let mut found = Vec::new();
    layout::check(&File { name: name.to_owned(), text: text.to_owned() }, &mut found);
    assert_found(&found, expect);
}

#[test]
fn layout_of_files() {
    check_layout("a/foo.rs", "", &[]);
    check_layout("a/foo/mod.rs", "", &["1: no mod.rs"]);
    check_layout("a/foo.rs", &"\n".repeat(900), &[]);
    check_layout("a/foo.rs", &"\n".repeat(901), &["901: 901 lines"]);
    check_layout("a/foo.md", &"\n".repeat(901), &[]);
    check_layout("crates/core/conf/src/table/root.rs", &"\n".repeat(901), &[]);
}

#[test]
fn nothing_unfinished_and_nothing_of_one_machine() {
    let mark = concat!("TO", "DO");
    check_layout("a.rs", &format!("\n// {mark}: later"), &["2: "]);
    check_layout("a.rs", &format!("let {mark}S = 1;"), &[]);
    check_layout("a.md", mark, &[]);

    let path = concat!("/wo", "rk/");
    check_layout("a.md", &format!("see {path}shared"), &["1: "]);
    check_layout("a.md", &format!("see ./net{path}shared"), &[]);

    let host = concat!("crates", ".io");
    check_layout("a.toml", &format!("index = \"https://{host}/\""), &["1: "]);
    check_layout("Cargo.lock", host, &[]);
    check_layout("fuzz/corpus/conf/1", host, &[]);
}

#[test]
fn crates_open_with_docs() {
    let check = |text: &str, expect: &[&str]| {
        let mut found = Vec::new();
        layout::check_crate_docs(&manifest(text), &mut found);
        assert_found(&found, expect);
    };
    check("//! Tags.\n", &[]);
    check("\nmod tag;\n", &["1: a crate opens with"]);
}
