use weir_conf::Source;

use super::{Command, UsageError, embedded, parse};

fn check(args: &str, env: &[(&str, &str)], expect: Result<Command, UsageError>) {
    let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
    let got = parse(&args, &env.iter().copied().collect());
    assert_eq!(got, expect, "{args:?} with {env:?}");
}

fn run(source: Source, test: bool) -> Result<Command, UsageError> {
    Ok(Command::Run { source, test })
}

fn file(name: &str) -> Source {
    Source::File(name.into())
}

// row: ops.md §1 no argument
// row: ops.md §1 -?, -h, --help, or a first non-dash word
// row: ops.md §1 -v, -V, --version
// row: ops.md §1 -g, -G
#[test]
fn what_prints_and_exits() {
    check("", &[], Ok(Command::Help));
    for help in ["-h", "-?", "--help", "start"] {
        check(help, &[], Ok(Command::Help));
    }
    for version in ["-v", "-V", "--version"] {
        check(version, &[], Ok(Command::Version));
    }
    check("-g", &[], Ok(Command::Signature));
    check("-G", &[], Ok(Command::Signature));
}

// row: ops.md §1 -c FILE, -cFILE
// row: ops.md §1 -t -c FILE
// row: ops.md §1 -e
// row: ops.md §1 combined letters
#[test]
fn where_the_configuration_comes_from() {
    check("-c a.conf", &[], run(file("a.conf"), false));
    check("-ca.conf", &[], run(file("a.conf"), false));
    check("-t -c a.conf", &[], run(file("a.conf"), true));
    check("-tc a.conf", &[], run(file("a.conf"), true));
    check("-e", &[], run(Source::EnvOnly, false));
    check("-d", &[], run(embedded(), false));
    check("-c a.conf", &[("SRS_CONFIG_FILE", "b.conf")], run(file("b.conf"), false));
    check("", &[("SRS_CONFIG_FILE", "b.conf")], run(file("b.conf"), false));
    check("-c a.conf", &[("SRS_CONFIG_FILE", "b.conf"), ("SRS_ENV_ONLY", "")], run(Source::EnvOnly, false));
}

// row: ops.md §1 unknown letter
// row: ops.md §1 no -c (and no env/-e) or missing file
#[test]
fn what_cannot_be_used() {
    check("-x", &[], Err(UsageError::Unknown('x')));
    check("-t", &[], Err(UsageError::NoConfiguration));
    check("-c", &[], Err(UsageError::NoFile));
}
