use super::*;

fn check(template: &str, expect: &str) {
    let values = [("vhost", "v.example.com"), ("app", "live"), ("stream", "[app]")];
    assert!(values.iter().all(|(name, _)| MOUNT_VARIABLES.contains(name)));
    assert_eq!(expand(template, &values), expect);
}

// row: config.md §17 http mounts
#[test]
fn mounts() {
    check("[vhost]/[app]/[stream].flv", "v.example.com/live/[app].flv");
    check("[vhost]/", "v.example.com/");
    check("/[app]/[app]", "/live/live");
    check("[]/[appp]/[app/[seq]", "[]/[appp]/[app/[seq]");
    check("[[app]]", "[live]");
    check("", "");
    check("[", "[");
}
