use super::*;

const STAT: &str = "18147 (a (b) c) R 18143 18143 16055 0 -1 4194304 100 0 0 0 7 5 0 0 20 0 1 0 201692 3133440 418 \
    18446744073709551615 94477452337152 94477452357033 140735337182224 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 94477452373040";

#[test]
fn a_process_is_read_whatever_its_name() {
    let process = Process::parse(STAT).expect("a process");
    assert_eq!((process.pid, &*process.comm, &*process.state), (18147, "(a (b) c)", "R"));
    let get = |wanted| process.fields().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    assert_eq!(get("ppid"), Some(18143));
    assert_eq!(get("tpgid"), Some(-1));
    assert_eq!(get("rsslim"), Some(-1));
    assert_eq!(get("exit_signal"), Some(17));
    assert_eq!(get("cguest_time"), Some(0));
    assert_eq!(process.ticks(), 12);
    for bad in ["", "1", "1 (", "1 (x", "1 (x)", ")"] {
        assert_eq!(Process::parse(bad), None, "{bad}");
    }
    assert_eq!(Process::parse("1 (x) S").expect("a short one").ticks(), 0);
}

#[test]
fn processor_time_is_the_sum_line() {
    let text = "cpu  104609 99196 49660 790083 2146 0 3897 73 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
    let cpu = Cpu::parse(text).expect("a cpu line");
    assert_eq!((cpu.user, cpu.idle, cpu.steal, cpu.guest), (104_609, 790_083, 73, 0));
    assert_eq!(cpu.total(), 1_049_664);
    assert_eq!(Cpu::parse("cpu0 1 2"), None);
    assert_eq!(Cpu::parse("cpu 1 2").map(|cpu| cpu.total()), Some(3));
}

#[test]
fn memory_in_use_is_without_caches() {
    let text = "MemTotal:       24684092 kB\nMemFree:        23876372 kB\nMemAvailable: 1 kB\nBuffers: 332 kB\n\
        Cached:           214756 kB\nSwapCached: 9 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
    let memory = Memory::parse(text).expect("memory");
    assert_eq!((memory.active(), memory.in_use()), (807_720, 592_632));
    assert_eq!(Memory::parse("MemFree: 1 kB"), None);
}

#[test]
fn disks_are_those_asked_for() {
    let text = "   8   0 sda 1 2 3 4 5 6 7 8 9 100 11\n   8   1 sda1 1 2 3 4 5 6 7 8 9 90 11\n 254 0 vda 0 0 0 0 0 0 0 0 0 5\n 1 1 x 1";
    let check = |disks: &[&str], expect| {
        let disks: Vec<String> = disks.iter().map(ToString::to_string).collect();
        assert_eq!(disk_busy_ms(text, &disks), expect, "{disks:?}");
    };
    check(&[], (0, 0));
    check(&["sda"], (100, 1));
    check(&["sda", "vda", "nvme0"], (105, 2));
    check(&["x"], (0, 1));
    assert_eq!(paged("nr 1\npgpgin 2467\npgpgout 10\n"), Some((2467, 10)));
    assert_eq!(paged("pgpginx 1"), None);
}

#[test]
fn network_counters_are_found() {
    let dev = "Inter-|   Receive  |  Transmit\n face |bytes    packets\n    lo: 30 1 0 0 0 0 0 0 31 1 0\n  eth0:303875487 1 0 0 0 0 0 0 761452 2\n";
    assert_eq!(interfaces(dev).collect::<Vec<_>>(), [("lo", 30, 31), ("eth0", 303_875_487, 761_452)]);
    let sockstat =
        "sockets: used 41\nTCP: inuse 1 orphan 0 tw 24 alloc 1 mem 343\nUDP: inuse 2 mem 0\nUDPLITE: inuse 9\n";
    assert_eq!(sockets(sockstat, "sockets", "used"), 41);
    assert_eq!(sockets(sockstat, "TCP", "tw"), 24);
    assert_eq!(sockets(sockstat, "UDP", "inuse"), 2);
    assert_eq!(sockets(sockstat, "RAW", "inuse"), 0);
    let snmp = "Ip: A B\nIp: 1 2\nTcp: RtoMin MaxConn CurrEstab InSegs\nTcp: 200 -1 6 26292\n";
    assert_eq!(established(snmp), 6);
    assert_eq!(established("Tcp: CurrEstab\n"), 0);
}

#[test]
fn averages_are_fractions() {
    assert_eq!(floats::<3>("0.04 0.07 0.13 1/91 18151"), [0.04, 0.07, 0.13]);
    assert_eq!(floats::<2>("5268.86"), [5268.86, 0.0]);
}
