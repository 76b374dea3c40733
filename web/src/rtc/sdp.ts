/** What the page reads in session descriptions (RFC 8866). */

/** An address that a peer may be reached at (RFC 8839, clause 5.1). */
export interface Candidate {
  protocol: 'udp' | 'tcp';
  address: string;
  port: number;
}

/** A section of a description: one kind of media. */
export interface Media {
  kind: 'audio' | 'video';
  /** The peer takes nothing of it, and sends nothing. */
  refused: boolean;
  /** In the order of their preference, without what repairs and wraps others. */
  codecs: readonly string[];
}

/** What no stream is made of by itself. */
const HELPERS = /^(rtx|red|ulpfec|flexfec.*|cn|telephone-event)$/i;
/** Payload types that need no rtpmap (RFC 3551, clause 6). */
const STATIC: Record<string, string | undefined> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

/** The candidates of a description, each once. */
export function candidatesIn(sdp: string): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const [, protocol = '', address = '', port] of sdp.matchAll(
    /^a=candidate:\S+ \d+ (udp|tcp) \d+ (\S+) (\d+) typ /gim,
  )) {
    const candidate: Candidate = {
      protocol: protocol.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
      address,
      port: Number(port),
    };
    found.set(candidateName(candidate), candidate);
  }
  return [...found.values()];
}

/** `udp 10.0.0.5:8000`. */
export function candidateName({ protocol, address, port }: Candidate): string {
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** The media of a description. */
export function mediaIn(sdp: string): Media[] {
  return sdp
    .split(/^m=/m)
    .slice(1)
    .flatMap(section => {
      const [, kind, port, formats = ''] = /^(audio|video) (\d+)\S* \S+([^\r\n]*)/.exec(section) ?? [];
      if (kind !== 'audio' && kind !== 'video') return [];
      const codecs = codecsIn(section, formats.trim().split(/\s+/));
      const refused = port === '0' || codecs.length === 0 || /^a=inactive\s*$/m.test(section);
      return [{ kind, refused, codecs }];
    });
}

/** The media of an offer that its answer takes nothing of. */
export function refusedBy(answer: string, offer: string): Media[] {
  const answered = mediaIn(answer);
  return mediaIn(offer).filter((_, at) => answered[at]?.refused ?? true);
}

/** Whether an answer takes several sizes of one picture (RFC 8853). */
export function takesSimulcast(answer: string): boolean {
  return /^a=simulcast:.*\brecv\b/m.test(answer);
}

function codecsIn(section: string, formats: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const [, format = '', name = ''] of section.matchAll(/^a=rtpmap:(\d+) ([^/\s]+)/gm)) names.set(format, name);
  const codecs = formats.map(format => names.get(format) ?? STATIC[format] ?? '');
  return [...new Set(codecs.filter(name => name !== '' && !HELPERS.test(name)))];
}
