//! Old forms become new ones before anything is checked (config.md §12), each with a warning that shows the line.

use crate::place::Pos;
use crate::report::{Note, Notes};
use crate::tree::{Arg, Directive, Tree};

/// Old names of the vhost that moved into a block under the same name: `(block, names)`.
const MOVED: &[(&str, &[&str])] = &[
    (
        "play",
        &[
            "time_jitter",
            "mix_correct",
            "atc",
            "atc_auto",
            "mw_latency",
            "gop_cache",
            "gop_cache_max_frames",
            "queue_length",
            "send_min_interval",
            "reduce_sequence_header",
        ],
    ),
    ("cluster", &["mode", "origin", "token_traverse", "vhost", "debug_srs_upnode"]),
];

/// Names of the vhost that moved into a block under another name: `(old, block, new)`.
const RENAMED: &[(&str, &str, &str)] = &[
    ("publish_1stpkt_timeout", "publish", "firstpkt_timeout"),
    ("publish_normal_timeout", "publish", "normal_timeout"),
];

/// Blocks of the vhost whose children moved: `(old block, child, new block, new child)`.
const SPREAD: &[(&str, &str, &str, &str)] = &[
    ("mr", "enabled", "publish", "mr"),
    ("mr", "latency", "publish", "mr_latency"),
    ("nack", "enabled", "rtc", "nack"),
    ("nack", "no_copy", "rtc", "nack_no_copy"),
    ("twcc", "enabled", "rtc", "twcc"),
];

/// Words of `rtc` that became switches: `(old, the word that means on, new)`.
const SWITCHED: &[(&str, &str, &str)] = &[("aac", "transcode", "rtmp_to_rtc"), ("bframe", "keep", "keep_bframe")];

const CASTER_DROPPED: &[&str] = &[
    "tcp_enable",
    "rtp_port_min",
    "rtp_port_max",
    "wait_keyframe",
    "rtp_idle_timeout",
    "audio_enable",
    "auto_create_channel",
];

const SIP_DROPPED: &[&str] = &[
    "serial",
    "realm",
    "ack_timeout",
    "keepalive_timeout",
    "invite_port_fixed",
    "query_catalog_interval",
    "auto_play",
];

/// Rewrites every old form of `tree`.
pub(crate) fn transform(tree: &mut Tree, notes: &mut Notes) {
    let mut old = Old { notes };
    for directive in &mut tree.directives {
        match directive.name.as_str() {
            "http_stream" => old.rename(directive, "http_server"),
            "rtc_server" => old.drop(&mut directive.children, &["perf_stat", "queue_length"]),
            "srt_server" => old.srt_server(directive),
            "stream_caster" => old.stream_caster(directive),
            "vhost" => old.vhost(&mut directive.children),
            _ => {}
        }
    }
}

struct Old<'a> {
    notes: &'a mut Notes,
}

impl Old<'_> {
    fn srt_server(&mut self, server: &mut Directive) {
        for child in server.children.iter_mut().filter(|child| child.name == "tlpkdrop") {
            self.rename(child, "tlpktdrop");
        }
    }

    fn stream_caster(&mut self, caster: &mut Directive) {
        self.drop(&mut caster.children, CASTER_DROPPED);
        for sip in caster.children.iter_mut().filter(|child| child.name == "sip") {
            self.drop(&mut sip.children, SIP_DROPPED);
        }
        for host in take(&mut caster.children, "host") {
            self.told(&host.pos, "\"host\" is an old form of sip.candidate");
            let pos = host.pos.clone();
            block(&mut caster.children, "sip", &pos).children.push(Directive { name: "candidate".into(), ..host });
        }
    }

    fn vhost(&mut self, vhost: &mut Vec<Directive>) {
        for child in vhost.iter_mut() {
            match child.name.as_str() {
                "http" => self.rename(child, "http_static"),
                "http_remux" => self.drop(&mut child.children, &["hstrs"]),
                "rtc" => self.switches(child),
                _ => {}
            }
        }
        self.refer(vhost);
        self.forward(vhost);
        for (old, child, home, new) in SPREAD {
            self.spread(vhost, old, child, home, new);
        }
        vhost.retain(|child| !SPREAD.iter().any(|(old, ..)| child.name == *old));
        for (old, home, new) in RENAMED {
            self.move_into(vhost, old, home, new);
        }
        for (home, names) in MOVED {
            names.iter().for_each(|name| self.move_into(vhost, name, home, name));
        }
    }

    /// `rtc { aac transcode; bframe keep; }`
    fn switches(&mut self, rtc: &mut Directive) {
        for child in &mut rtc.children {
            let Some((old, on, new)) = SWITCHED.iter().find(|(old, ..)| child.name == *old) else { continue };
            let word = if child.arg0() == *on { "on" } else { "off" };
            self.told(&child.pos, &format!("\"{old} {}\" is an old form of rtc.{new} {word}", child.arg0()));
            let pos = child.value_pos().clone();
            *child = simple(new, child.pos.clone(), vec![Arg { text: word.into(), pos }]);
        }
    }

    /// `refer a b; refer_play c; refer_publish d;`
    fn refer(&mut self, vhost: &mut Vec<Directive>) {
        let parts = [("refer", "all"), ("refer_play", "play"), ("refer_publish", "publish")];
        let is_old = |child: &Directive| {
            parts.iter().any(|(old, _)| child.name == *old) && !child.block && !child.args.is_empty()
        };
        let Some(first) = vhost.iter().find(|child| is_old(child)) else { return };
        let pos = first.pos.clone();
        let (olds, rest): (Vec<_>, Vec<_>) = vhost.drain(..).partition(is_old);
        *vhost = rest;
        let home = block(vhost, "refer", &pos);
        home.children.push(simple("enabled", pos.clone(), vec![Arg { text: "on".into(), pos }]));
        for old in olds {
            let new = parts.iter().find(|(name, _)| old.name == *name).map_or("all", |(_, new)| new);
            self.told(&old.pos, &format!("\"{}\" with words is an old form of refer {{ {new} }}", old.name));
            home.children.push(Directive { name: new.into(), ..old });
        }
    }

    /// `forward a b;`
    fn forward(&mut self, vhost: &mut [Directive]) {
        for forward in
            vhost.iter_mut().filter(|child| child.name == "forward" && !child.block && !child.args.is_empty())
        {
            let pos = forward.pos.clone();
            self.told(&pos, "\"forward\" with words is an old form of forward { enabled on; destination }");
            let args = std::mem::take(&mut forward.args);
            let on = simple("enabled", pos.clone(), vec![Arg { text: "on".into(), pos: pos.clone() }]);
            forward.children = vec![on, simple("destination", pos, args)];
            forward.block = true;
        }
    }

    /// The child `child` of the old block `old` goes to `home { new }`.
    fn spread(&mut self, vhost: &mut Vec<Directive>, old: &str, child: &str, home: &str, new: &str) {
        let Some(moved) = vhost.iter().find(|b| b.name == old).and_then(|b| b.child(child)).cloned() else { return };
        self.told(&moved.pos, &format!("\"{old} {{ {child} }}\" is an old form of {home}.{new}"));
        let pos = moved.pos.clone();
        block(vhost, home, &pos).children.push(Directive { name: new.into(), ..moved });
    }

    fn move_into(&mut self, vhost: &mut Vec<Directive>, old: &str, home: &str, new: &str) {
        for moved in take(vhost, old) {
            self.told(&moved.pos, &format!("\"{old}\" is an old form of {home}.{new}"));
            let pos = moved.pos.clone();
            block(vhost, home, &pos).children.push(Directive { name: new.into(), ..moved });
        }
    }

    fn rename(&mut self, directive: &mut Directive, new: &str) {
        self.told(&directive.pos, &format!("\"{}\" is an old name of {new}", directive.name));
        directive.name = new.into();
    }

    fn drop(&mut self, children: &mut Vec<Directive>, names: &[&str]) {
        for name in names {
            for gone in take(children, name) {
                self.told(&gone.pos, &format!("\"{name}\" has no effect any more"));
            }
        }
    }

    fn told(&mut self, pos: &Pos, message: &str) {
        self.notes.push(Note::warning(pos, message));
    }
}

/// Removes and gives every child of that name.
fn take(children: &mut Vec<Directive>, name: &str) -> Vec<Directive> {
    let (taken, rest) = children.drain(..).partition(|child| child.name == name);
    *children = rest;
    taken
}

/// The first block of that name, appended when there is none.
fn block<'a>(children: &'a mut Vec<Directive>, name: &str, pos: &Pos) -> &'a mut Directive {
    let at = children.iter().position(|child| child.name == name).unwrap_or_else(|| {
        children.push(Directive { block: true, ..simple(name, pos.clone(), Vec::new()) });
        children.len() - 1
    });
    let found = &mut children[at];
    found.block = true;
    found
}

fn simple(name: &str, pos: Pos, args: Vec<Arg>) -> Directive {
    Directive { name: name.into(), pos, args, children: Vec::new(), block: false }
}

#[cfg(test)]
mod tests;
