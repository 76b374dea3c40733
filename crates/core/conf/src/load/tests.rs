use std::path::Path;

use super::*;

fn testdata(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

/// Configurations that users run today.
#[test]
fn recipes_load_unchanged() {
    let names = std::fs::read_dir(testdata("recipes")).unwrap().map(|entry| entry.unwrap().path());
    let mut count = 0;
    for path in names {
        let env: Env = [("CANDIDATE", "192.0.2.1")].into_iter().collect();
        let loaded = Config::load(Source::File(path.clone()), &env, &Facts::default());
        let loaded = loaded.unwrap_or_else(|report| panic!("{}:\n{report}", path.display()));
        for w in loaded.warnings {
            println!("{w}\n");
        }
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn weir_conf_loads_without_a_word() {
    let loaded = Config::from_text(include_str!("../../../../../conf/weir.conf")).unwrap();
    assert!(loaded.warnings.is_empty(), "{:#?}", loaded.warnings);
    let config = loaded.config;
    assert_eq!((config.listen.as_slice(), config.daemon), (&["1935".to_owned()][..], false));
    assert!(config.http_server.enabled && config.http_api.enabled && config.vhosts[0].http_remux.enabled);
}

/// ops.md §1: who decides what is read.
#[test]
fn choice_of_source() {
    let check = |file: Option<&str>, env_only, env: &[(&str, &str)], expect: Option<Source>| {
        let env = env.iter().copied().collect();
        assert_eq!(Source::choose(file.map(PathBuf::from), env_only, &env), expect);
    };
    let file = |path: &str| Some(Source::File(path.into()));
    check(None, false, &[], None);
    check(Some("a"), false, &[], file("a"));
    check(Some("a"), false, &[("SRS_CONFIG_FILE", "b")], file("b"));
    check(Some("a"), false, &[("SRS_CONFIG_FILE", "")], file("a"));
    check(Some("a"), true, &[("SRS_CONFIG_FILE", "b")], Some(Source::EnvOnly));
    check(Some("a"), false, &[("SRS_ENV_ONLY", "")], Some(Source::EnvOnly));
}

#[test]
fn a_missing_file_is_named() {
    let report = Config::load(Source::File("no/such.conf".into()), &Env::default(), &Facts::default()).unwrap_err();
    assert!(report.to_string().starts_with("error: cannot read the configuration no/such.conf: "), "{report}");
    assert_eq!(report.code(), 1023);
}

/// Files from the disk, relative to the folder of the process, and a broken one among them.
#[test]
fn includes_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("main.conf"), format!("listen 1935; include {};", path("more.conf").display())).unwrap();
    std::fs::write(path("more.conf"), "vhost a {\n  paly { }\n}").unwrap();
    let report = Config::load(Source::File(path("main.conf")), &Env::default(), &Facts::default()).unwrap_err();
    let text = report.to_string();
    assert!(text.contains("more.conf:2:3\n") && text.ends_with("help: did you mean \"play\"?"), "{text}");
}

/// What has no end or nobody at the other end is not opened: a server that reads it would stand still.
#[test]
fn nothing_but_files_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let check = |path: &Path, what: &str| {
        let text = format!("listen 1935;\n  include {};", path.display());
        let source = Source::Text { name: "main.conf".into(), text };
        let report = Config::load(source, &Env::default(), &Facts::default()).unwrap_err().to_string();
        assert!(report.contains("main.conf:2:11") && report.contains(what), "{report}");
        let report = Config::load(Source::File(path.into()), &Env::default(), &Facts::default()).unwrap_err();
        assert!(report.to_string().contains(what), "{report}");
    };
    check(&pipe, "it is a pipe, a socket or a device, not a file");
    check(Path::new("/dev/zero"), "it is a pipe, a socket or a device, not a file");
    check(folder.path(), "it is a folder, not a file");
}

/// The configuration that the samples of the contract were taken with.
#[test]
fn sample_server_conf_loads() {
    let text = std::fs::read_to_string(testdata("sample-server.conf")).unwrap();
    let loaded = Config::from_text(&text).unwrap_or_else(|report| panic!("{report}"));
    let config = loaded.config;
    assert_eq!((config.max_connections, config.server_id.as_str()), (1000, "vid-sample1"));
    assert_eq!(config.vhosts.len(), 2);
    assert_eq!(config.vhost("other.example.com").unwrap().http_remux.mount, "[vhost]/[app]/[stream].ts");
}
