use super::*;

#[test]
fn percentages_are_fractions() {
    assert_eq!(ratio(592_632, 24_684_092), 592_632.0 / 24_684_092.0);
    assert_eq!(ratio(5, 0), 0.0);
}

#[test]
fn processor_time_is_compared_with_the_sample_before() {
    let now = cpu(None).expect("/proc/stat");
    assert_eq!(now.percent, 0.0);
    let idle = Cpu { idle: now.counters.idle.saturating_sub(300), ..Cpu::default() };
    let then = Load { counters: idle, percent: 0.0 };
    let busy = cpu(Some(&At { ms: 0, value: then })).expect("/proc/stat").percent;
    assert!((0.0..=1.0).contains(&busy), "{busy}");

    let before = At { ms: 0, value: Load::default() };
    let load = process(Some(&before), 1000).expect("/proc/self/stat");
    assert_eq!(load.percent, load.counters.ticks() as f64 / ticks_per_second() as f64);
}

#[test]
fn disks_are_rated_by_the_second() {
    let first = disk(&[], None, 0).expect("/proc/vmstat");
    assert_eq!((first.read_kbyte_per_s, first.busy_percent), (0, 0.0));
    let before = Disk { paged: (first.paged.0 - 3000, first.paged.1), ..first };
    let second = disk(&[], Some(&At { ms: 0, value: before }), 3000).expect("/proc/vmstat");
    assert!(second.read_kbyte_per_s >= 1000, "{second:?}");
    assert_eq!(second.busy_percent, 0.0, "no disk is configured");
}

#[test]
fn addresses_are_public_or_not() {
    for (ip, expect) in [
        ("127.0.0.1", false),
        ("10.77.0.1", false),
        ("172.16.0.1", false),
        ("192.168.1.1", false),
        ("169.254.1.1", false),
        ("8.8.8.8", true),
        ("::1", false),
        ("fe80::1", false),
        ("fd00::1", false),
        ("2001:4860:4860::8888", true),
    ] {
        assert_eq!(is_public(ip.parse().expect("an address")), expect, "{ip}");
    }
}
