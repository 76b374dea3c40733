use super::scope::Rows;
use super::*;

const FACTS: &str = "\
# Facts
## 1. Words
| # | Rule |
|---|---|
| 1 | one |
| 10 | ten |

### 1.3 Commands
| Command | Reply |
|---|---|
| `play` | yes |
| **publish** (a \\| b) | yes |
| publish again | yes |

Play goes on. **Always**.
* first of a list
* second of a list

## 11. Top
| Name | Default |
|---|---|
| enabled | on |
### play (no env)
| Name | Default |
|---|---|
| enabled | off |
| gop_cache | on |
### publish
| Name | Default |
|---|---|
| mr | off |
| gop_cache | on |
";

fn rows() -> Vec<Row> {
    parse_rows("facts.md", FACTS)
}

fn titles(rows: &[Row], indices: &[usize]) -> Vec<String> {
    indices.iter().map(|index| format!("§{} {}", rows[*index].section, rows[*index].title())).collect()
}

#[test]
fn tables() {
    let rows = rows();
    let all: Vec<usize> = (0..rows.len()).filter(|index| rows[*index].in_table).collect();
    let expect = [
        "§1 1",
        "§1 10",
        "§1.3 play",
        "§1.3 publish (a | b)",
        "§1.3 publish again",
        "§11 enabled",
        "§11 play enabled",
        "§11 play gop_cache",
        "§11 publish mr",
        "§11 publish gop_cache",
    ];
    assert_eq!(titles(&rows, &all), expect);
}

/// A comment names these rows, or none for the reason that contains `expect`.
#[track_caller]
fn check(comment: &str, expect: Result<&[&str], &str>) {
    let rows = rows();
    let names = naming::parse_names("a.rs", comment);
    assert_eq!(names.len(), 1, "{comment}");
    let got = resolve(&rows, &names[0].file, &names[0].section, &names[0].text);
    match (got, expect) {
        (Ok(found), Ok(expect)) => assert_eq!(titles(&rows, &found), expect, "{comment}"),
        (Err(why), Err(expect)) => assert!(why.contains(expect), "{comment}: {why}"),
        (got, expect) => panic!("{comment}: {got:?} instead of {expect:?}"),
    }
}

#[test]
fn names() {
    check("// row: facts.md §1 1", Ok(&["§1 1"]));
    check("    /// row: facts.md §1. 10", Ok(&["§1 10"]));
    check("//row: facts.md §1.3 `play`", Ok(&["§1.3 play"]));
    check("// row: facts.md §1.3 publish (a", Ok(&["§1.3 publish (a | b)"]));
    check("// row: facts.md §1 *", Ok(&["§1 1", "§1 10"]));

    check("// row: facts.md §11 enabled", Ok(&["§11 enabled"]));
    check("// row: facts.md §11 play enabled", Ok(&["§11 play enabled"]));
    check("// row: facts.md §11 play.gop_cache", Ok(&["§11 play gop_cache"]));
    check("// row: facts.md §11 mr", Ok(&["§11 publish mr"]));
    check("// row: facts.md §11 publish *", Ok(&["§11 publish mr", "§11 publish gop_cache"]));

    check("// row: facts.md §1.3 Play goes", Ok(&["§1.3 Play goes on. Always."]));
    check("// row: facts.md §1.3 second", Ok(&["§1.3 second of a list"]));

    check("// row: facts.md §11 gop_cache", Err("fits several rows: play gop_cache | publish gop_cache"));
    check("// row: facts.md §1.3 publish", Err("fits several rows"));
    check("// row: facts.md §1.3 pause", Err("no such row"));
    check("// row: facts.md §1.3", Err("names no row"));
    check("// row: facts.md §11 hls *", Err("no table under this heading"));
    check("// row: facts.md §2 x", Err("no such section"));
    check("// row: other.md §1 x", Err("no such file"));
}

#[test]
fn only_comments_name_rows() {
    assert!(naming::parse_names("a.rs", "let row: u8 = 1;\nrow: facts.md §1 1\n// a row: of things").is_empty());
}

#[test]
fn missing_and_stale() {
    let rows = rows();
    let names = naming::parse_names("a.rs", "// row: facts.md §1 1\n\n// row: facts.md §1 2\n");
    let scope = [
        Scope { file: "facts.md", section: "1", rows: Rows::All },
        Scope { file: "facts.md", section: "1.3", rows: Rows::Except(&[("publish again", "comes later")]) },
        Scope { file: "facts.md", section: "11", rows: Rows::Only(&["mr", "nowhere"]) },
    ];
    let report = compare(&rows, &names, &scope);
    let missing: Vec<usize> = report.sections.values().flat_map(|section| section.missing.clone()).collect();
    assert_eq!(titles(&rows, &missing), ["§1 10", "§1.3 play", "§1.3 publish (a | b)", "§11 publish mr"]);
    assert_eq!(report.stale, ["a.rs:3: facts.md §1 2: no such row"]);
    assert_eq!(report.scope_errors, ["facts.md §11 nowhere: no such row"]);
}
