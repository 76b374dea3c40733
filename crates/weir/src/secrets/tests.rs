use super::*;

fn fill(config: &mut Config) -> Result<Made, SecretsError> {
    let path = config.secrets.clone();
    super::fill(config, &path)
}

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

#[test]
fn what_is_no_file_of_ours_is_told_of_and_stays_as_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let (folder, file, link, dangling, pipe) = (
        dir.path().join("folder"),
        dir.path().join("file"),
        dir.path().join("link"),
        dir.path().join("dangling"),
        dir.path().join("pipe"),
    );
    fs::create_dir(&folder).expect("a folder");
    fs::write(&file, "publish a\nplay b\nadmin c\n").expect("a file");
    for path in [&folder, &file] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("its owner may");
    }
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    std::os::unix::fs::symlink("nowhere", &dangling).expect("a link");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::from_bits_truncate(0o644)).expect("a pipe");
    let [folder_why, link_why] = ["no regular file", "symbolic link"];
    for (path, why) in [(&folder, folder_why), (&pipe, folder_why), (&link, link_why), (&dangling, link_why)] {
        let error = fill(&mut config(path)).expect_err("no keys").to_string();
        assert!(error.contains(why) && error.contains("(secrets)"), "{error}");
        assert!(error.contains(&*path.to_string_lossy()), "{error}");
    }
    for path in [&folder, &file] {
        assert_eq!(fs::metadata(path).expect("it is there").permissions().mode() & 0o777, 0o755);
    }
    assert!(!dir.path().join("nowhere").exists());
}

#[test]
fn a_file_of_somebody_else_is_told_of() {
    if !Uid::effective().is_root() {
        return eprintln!("not tested: only root can give files away");
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("weir.secrets");
    fs::write(&path, "publish a\nplay b\nadmin c\n").expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("its owner may");
    std::os::unix::fs::chown(&path, Some(65_534), None).expect("root may");
    let error = fill(&mut config(&path)).expect_err("no keys").to_string();
    assert!(error.contains("belongs to user 65534"), "{error}");
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o644);
}
