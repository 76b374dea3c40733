use super::*;

fn env(pairs: &[(&str, &str)]) -> Env {
    pairs.iter().copied().collect()
}

/// config.md §2: an empty value is not set, though it is there.
#[test]
fn empty_is_not_set() {
    let env = env(&[("SRS_PID", ""), ("SRS_ENV_ONLY", "")]);
    assert_eq!(env.get("SRS_PID"), None);
    assert!(env.has("SRS_ENV_ONLY"));
    assert!(!env.has("SRS_LISTEN"));
}

// row: config.md §1 rtc_server.candidate
#[test]
fn dollar_names_a_variable() {
    let env = env(&[("CANDIDATE", "192.0.2.1"), ("EMPTY", "")]);
    assert_eq!(env.expand("$CANDIDATE"), "192.0.2.1");
    assert_eq!(env.expand("$EMPTY"), "*");
    assert_eq!(env.expand("$NONE"), "*");
    assert_eq!(env.expand("10.0.0.1"), "10.0.0.1");
    assert_eq!(env.expand("$"), "*");
}

/// config.md §2: what `-e` sets unless it is set.
#[test]
fn environment_alone() {
    let alone = Env::default().for_env_only();
    assert_eq!((alone.get("SRS_DAEMON"), alone.get("SRS_SRS_LOG_TANK")), (Some("off"), Some("console")));
    let set = env(&[("SRS_DAEMON", "on"), ("SRS_LOG_TANK", "file")]).for_env_only();
    assert_eq!((set.get("SRS_DAEMON"), set.get("SRS_SRS_LOG_TANK")), (Some("on"), None));
}
