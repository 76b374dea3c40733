use super::*;

#[test]
fn simulcast_is_read_and_written() {
    let check = |text: &str, same: bool| {
        let written = Simulcast::parse(text).map(|simulcast| simulcast.to_string());
        assert_eq!(written, same.then(|| format!("simulcast:{text}")), "{text}");
    };
    check("send q;h;f", true);
    check("send 1,~4;2;3 recv c", true);
    check("recv ~1", true);
    check("", false);
    check("send", false);
    check("send ;", false);
    check("send q;", false);
    check("send q send h", false);
    check("both q", false);
    check("send rid=q", false);
}

#[test]
fn rids_are_read_and_written() {
    let check = |text: &str, same: bool| {
        let written = Rid::parse(text).map(|rid| rid.to_string());
        assert_eq!(written, same.then(|| format!("rid:{text}")), "{text}");
    };
    check("q send", true);
    check("1 recv pt=97;max-width=1280", true);
    check("q", false);
    check("q both", false);
    check("q;h send", false);
    check(" send", false);
}
