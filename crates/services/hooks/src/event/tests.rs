use super::fill;

#[track_caller]
fn check(template: &str, expect: &str) {
    let variables = [("[app]", "live"), ("[stream]", "[param]"), ("[param]", "?a=b")];
    let variables = variables.map(|(name, value)| (name, value.to_owned()));
    assert_eq!(fill(template, &variables), expect);
}

#[test]
fn variables_are_put_in_once() {
    check("http://a/[app]/[stream][param]", "http://a/live/[param]?a=b");
    check("http://[::1]/[app]", "http://[::1]/live");
    check("http://a/[app][app]/[nonesuch]/[", "http://a/livelive/[nonesuch]/[");
    check("", "");
}
