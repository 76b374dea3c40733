use super::*;

fn config(path: &Path) -> Config {
    let text = format!(
        "listen 1935; secrets {}; http_api {{ auth {{ token auto; }} }}
         vhost __defaultVhost__ {{ tokens {{ publish auto other; play auto; }} }}",
        path.display()
    );
    Config::from_text(&text).expect("a configuration").config
}

fn keys(config: &Config) -> [String; 4] {
    let tokens = &config.vhosts[0].tokens;
    [&tokens.publish[0], &tokens.publish[1], &tokens.play[0], &config.http_api.auth.token].map(String::clone)
}

#[test]
fn keys_are_made_once_for_their_owner_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("objs/weir.secrets");
    let mut first = config(&path);
    assert_eq!(fill(&mut first).expect("keys"), Made::New);
    let [publish, other, play, admin] = keys(&first);
    assert!([&publish, &play, &admin].iter().all(|key| key.len() == 24) && other == "other");
    assert!(publish != play && play != admin && admin != publish);
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);

    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("its owner may");
    let mut second = config(&path);
    assert_eq!(fill(&mut second).expect("keys"), Made::Read);
    assert_eq!(keys(&second), keys(&first));
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn nothing_is_made_that_nobody_asked_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("weir.secrets");
    let text = format!("listen 1935; secrets {}; http_api {{ auth {{ token mine; }} }}", path.display());
    let mut config = Config::from_text(&text).expect("a configuration").config;
    assert_eq!(fill(&mut config).expect("nothing to do"), Made::Nothing);
    assert!(!path.exists() && config.http_api.auth.token == "mine");
}

#[test]
fn a_file_without_keys_is_told_of_and_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("weir.secrets");
    for (text, expect) in [("", "publish KEY"), ("publish a\nplay \nadmin c\n", "play KEY")] {
        fs::write(&path, text).expect("a file");
        let error = fill(&mut config(&path)).expect_err("no keys").to_string();
        assert!(error.contains(expect) && error.contains("weir.secrets"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    }
    fs::write(&path, "a".repeat(5000)).expect("a file");
    assert!(fill(&mut config(&path)).expect_err("no keys").to_string().contains("too long"));
}
