use super::resolve;

// row: config.md §3 server_id
#[test]
fn the_id_survives_a_restart_and_the_configuration_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("weir.id");
    let first = resolve("", &file);
    assert!(first.starts_with("vid-") && first.len() == 11, "{first}");
    assert_eq!(resolve("", &file), first);
    assert_eq!(resolve("vid-mine", &file), "vid-mine");
    assert_eq!(resolve("", &file), "vid-mine");
    std::fs::write(&file, "a b\n\u{1}").expect("written");
    assert_ne!(resolve("", &file), "a b\n\u{1}");
}
