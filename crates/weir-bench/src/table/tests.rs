use super::*;

fn table() -> Table {
    let mut table = Table::new(["case", "µ"]);
    table.row(["play", "1"]);
    table.row(["a longer one"]);
    table
}

#[test]
fn text_lines_up() {
    assert_eq!(table().text(), "case          µ\nplay          1\na longer one\n");
}

#[test]
fn markdown_has_a_rule() {
    let expect = "| case         | µ |\n| ------------ | --- |\n| play         | 1 |\n| a longer one |   |\n";
    assert_eq!(table().markdown(), expect);
}
