//! What the endpoints about the process and the machine show.

use nix::sys::resource::Usage;

use crate::measures::{At, Sample, ratio};
use crate::sampler::{Sampler, unix_ms};
use crate::server::VERSION;
use weir_json::{Value, object};

/// `data` of `/api/v1/summaries`. `clients` is how many the server has.
pub(crate) fn summary(sampler: &Sampler, clients: usize, received: u64, sent: u64) -> Value {
    let sample = sampler.last();
    let measured = sample.usage.is_some() && sample.cpu.is_some() && sample.memory.is_some();
    object! {
        "ok": measured,
        "now_ms": unix_ms(),
        "self": own_summary(sampler, &sample),
        "system": system_summary(&sample, clients, received, sent),
    }
}

fn own_summary(sampler: &Sampler, sample: &Sample) -> Value {
    let argv: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let cwd = std::env::current_dir().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let resident = sample.usage.as_ref().map_or(0, |usage| usage.value.max_rss());
    object! {
        "version": VERSION,
        "pid": std::process::id(),
        "ppid": std::os::unix::process::parent_id(),
        "argv": argv.join(" "),
        "cwd": cwd,
        // SRS: the most that was ever resident, not what is now.
        "mem_kbyte": resident,
        "mem_percent": ratio(resident, value(&sample.memory).total),
        "cpu_percent": value(&sample.process).percent,
        "srs_uptime": sampler.uptime(),
    }
}

fn system_summary(sample: &Sample, clients: usize, received: u64, sent: u64) -> Value {
    let (memory, disk) = (value(&sample.memory), value(&sample.disk));
    let (network, platform) = (value(&sample.network), value(&sample.platform));
    let [load_1m, load_5m, load_15m] = platform.load;
    object! {
        "cpu_percent": value(&sample.cpu).percent,
        "disk_read_KBps": disk.read_kbyte_per_s,
        "disk_write_KBps": disk.write_kbyte_per_s,
        "disk_busy_percent": disk.busy_percent,
        "mem_ram_kbyte": memory.total,
        "mem_ram_percent": ratio(memory.in_use(), memory.total),
        "mem_swap_kbyte": memory.swap_total,
        "mem_swap_percent": ratio(memory.swap_total.saturating_sub(memory.swap_free), memory.swap_total),
        "cpus": platform.cpus,
        "cpus_online": platform.cpus_online,
        "uptime": platform.uptime,
        // SRS: spelt so.
        "ilde_time": platform.idle,
        "load_1m": load_1m,
        "load_5m": load_5m,
        "load_15m": load_15m,
        "net_sample_time": sample.network.as_ref().map_or(0, |network| network.ms),
        "net_recv_bytes": network.recv_bytes,
        "net_send_bytes": network.send_bytes,
        "net_recvi_bytes": network.inner_recv_bytes,
        "net_sendi_bytes": network.inner_send_bytes,
        "srs_sample_time": sample.traffic_ms,
        "srs_recv_bytes": received,
        "srs_send_bytes": sent,
        "conn_sys": network.sockets,
        "conn_sys_et": network.established,
        "conn_sys_tw": network.time_wait,
        "conn_sys_udp": network.udp,
        "conn_srs": clients,
    }
}

/// `data` of `/api/v1/rusages`: getrusage(2), times in whole seconds.
pub(crate) fn usage(sample: &Sample) -> Value {
    let get = |read: fn(&Usage) -> i64| sample.usage.as_ref().map_or(0, |usage| read(&usage.value));
    object! {
        "ok": sample.usage.is_some(),
        "sample_time": ms(&sample.usage),
        "ru_utime": get(|usage| usage.user_time().tv_sec()),
        "ru_stime": get(|usage| usage.system_time().tv_sec()),
        "ru_maxrss": get(Usage::max_rss),
        "ru_ixrss": get(Usage::shared_integral),
        "ru_idrss": get(Usage::unshared_data_integral),
        "ru_isrss": get(Usage::unshared_stack_integral),
        "ru_minflt": get(Usage::minor_page_faults),
        "ru_majflt": get(Usage::major_page_faults),
        "ru_nswap": get(Usage::full_swaps),
        "ru_inblock": get(Usage::block_reads),
        "ru_oublock": get(Usage::block_writes),
        "ru_msgsnd": get(Usage::ipc_sends),
        "ru_msgrcv": get(Usage::ipc_receives),
        "ru_nsignals": get(Usage::signals),
        "ru_nvcsw": get(Usage::voluntary_context_switches),
        "ru_nivcsw": get(Usage::involuntary_context_switches),
    }
}

/// `data` of `/api/v1/self_proc_stats`.
pub(crate) fn process(sample: &Sample) -> Value {
    let load = value(&sample.process);
    let mut members = vec![
        ("ok", sample.process.is_some().into()),
        ("sample_time", ms(&sample.process).into()),
        ("percent", load.percent.into()),
        ("pid", load.counters.pid.into()),
        ("comm", (&load.counters.comm).into()),
        ("state", (&load.counters.state).into()),
    ];
    members.extend(load.counters.fields().map(|(name, number)| (name, number.into())));
    Value::Object(members)
}

/// `data` of `/api/v1/system_proc_stats`, in clock ticks.
pub(crate) fn cpu(sample: &Sample) -> Value {
    let load = value(&sample.cpu);
    let ticks = load.counters;
    object! {
        "ok": sample.cpu.is_some(),
        "sample_time": ms(&sample.cpu),
        "percent": load.percent,
        "user": ticks.user,
        "nice": ticks.nice,
        "sys": ticks.sys,
        "idle": ticks.idle,
        "iowait": ticks.iowait,
        "irq": ticks.irq,
        "softirq": ticks.softirq,
        "steal": ticks.steal,
        "guest": ticks.guest,
    }
}

/// `data` of `/api/v1/meminfos`, in kB.
pub(crate) fn memory(sample: &Sample) -> Value {
    let memory = value(&sample.memory);
    object! {
        "ok": sample.memory.is_some(),
        "sample_time": ms(&sample.memory),
        "percent_ram": ratio(memory.in_use(), memory.total),
        "percent_swap": ratio(memory.swap_total.saturating_sub(memory.swap_free), memory.swap_total),
        "MemActive": memory.active(),
        "RealInUse": memory.in_use(),
        "NotInUse": memory.total.saturating_sub(memory.in_use()),
        "MemTotal": memory.total,
        "MemFree": memory.free,
        "Buffers": memory.buffers,
        "Cached": memory.cached,
        "SwapTotal": memory.swap_total,
        "SwapFree": memory.swap_free,
    }
}

fn value<T: Clone + Default>(measure: &Option<At<T>>) -> T {
    measure.as_ref().map(|at| at.value.clone()).unwrap_or_default()
}

fn ms<T>(measure: &Option<At<T>>) -> i64 {
    measure.as_ref().map_or(0, |at| at.ms)
}
