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
