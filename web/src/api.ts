/** The HTTP API, which is that of SRS: who is live. */

import type { StreamName } from './choice';
import { Token } from './token';

/** What an output could not do with a stream. */
export interface OutputFault {
  output: string;
  /** In the words of the server. */
  what: string;
  count: number;
  /** Of the last one, in milliseconds since 1970. */
  lastMs: number;
}

/** What the list shows of a stream. */
export interface LiveStream extends StreamName {
  /** Somebody publishes it. */
  live: boolean;
  /** Publisher and players together. */
  clients: number;
  /** What the publisher sends, in kilobits per second over the last half minute. */
  kbps: number;
  /** The address that the publisher gave. */
  tcUrl: string;
  video: { codec: string; profile: string; width: number; height: number } | null;
  audio: { codec: string; sampleRate: number; channels: number } | null;
  /** The publisher sends several pictures or several sounds. */
  multitrack: boolean;
  faults: readonly OutputFault[];
}

/** Why one place has no API. */
export interface ApiFailure {
  url: string;
  reason: 'unreachable' | 'http' | 'not-api' | 'code' | 'token';
  /** HTTP status, or the `code` of the answer. */
  number: number;
}

/** All places were asked, none answered. */
export class ApiUnavailable extends Error {
  constructor(readonly failures: readonly ApiFailure[]) {
    super(failures.map(failure => `${failure.url}: ${failure.reason} ${failure.number}`).join('; '));
  }
}

/** A page of more streams than this would help nobody. */
const MOST_STREAMS = 1000;
const TIMEOUT_MS = 5000;

/** Looks for the API at several origins, and stays with the one that answered. */
export class Api {
  /** The origin that answered last. */
  origin: string | null = null;

  constructor(
    private readonly origins: readonly string[],
    private readonly get: typeof fetch = (input, init) => fetch(input, init),
    /** Sent along when there is one. */
    readonly token = new Token(),
  ) {}

  /** Everything that is published or waited for, in the order of names. */
  async streams(): Promise<LiveStream[]> {
    return parseStreams(await this.ask(`/api/v1/streams/?start=0&count=${MOST_STREAMS}`));
  }

  /** The version of the server. */
  async version(): Promise<string> {
    const answer = await this.ask('/api/v1/versions');
    return text(record(record(answer)['data'])['version']);
  }

  /** Throws `ApiUnavailable`. */
  private async ask(path: string): Promise<unknown> {
    const failures: ApiFailure[] = [];
    for (const origin of this.origin === null ? this.origins : [this.origin]) {
      const answer = await this.askOne(origin + path);
      if ('json' in answer) {
        this.origin = origin;
        return answer.json;
      }
      failures.push(answer);
    }
    this.origin = null;
    throw new ApiUnavailable(failures);
  }

  private async askOne(url: string): Promise<ApiFailure | { json: unknown }> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const sent = this.token.value;
      const headers: HeadersInit = sent === null ? {} : { Authorization: `Bearer ${sent}` };
      const response = await this.get(url, { signal: abort.signal, cache: 'no-store', headers });
      if (response.status === 401 && /^bearer\b/i.test(response.headers.get('WWW-Authenticate') ?? '')) {
        this.token.refused(sent);
        return { url, reason: 'token', number: 401 };
      }
      if (!response.ok) return { url, reason: 'http', number: response.status };
      const json: unknown = await response.json().catch(() => null);
      const code = record(json)['code'];
      if (typeof code !== 'number') return { url, reason: 'not-api', number: 0 };
      if (code !== 0) return { url, reason: 'code', number: code };
      this.token.accepted();
      return { json };
    } catch {
      return { url, reason: 'unreachable', number: 0 };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The streams in an answer of the API. What is not understood is left out. */
export function parseStreams(answer: unknown): LiveStream[] {
  const streams = list(record(answer)['streams'])
    .map(parseStream)
    .filter(stream => stream !== null);
  const key = (stream: LiveStream) => `${stream.vhost}/${stream.app}/${stream.stream}`;
  return streams.sort((a, b) => key(a).localeCompare(key(b), 'en', { numeric: true }));
}

function parseFault(value: unknown): OutputFault {
  const fields = record(value);
  return {
    output: text(fields['output']),
    what: text(fields['what']),
    count: number(fields['count']),
    lastMs: number(fields['last_ms']),
  };
}

function parseStream(value: unknown): LiveStream | null {
  const fields = record(value);
  const [app, stream] = [text(fields['app']), text(fields['name'])];
  if (app === '' || stream === '') return null;
  const [video, audio] = [record(fields['video']), record(fields['audio'])];
  return {
    app,
    stream,
    vhost: vhostIn(text(fields['url']), `/${app}/${stream}`),
    live: record(fields['publish'])['active'] === true,
    clients: number(fields['clients']),
    kbps: number(record(fields['kbps'])['recv_30s']),
    tcUrl: text(fields['tcUrl']),
    video: video['codec']
      ? {
          codec: text(video['codec']),
          profile: text(video['profile']),
          width: number(video['width']),
          height: number(video['height']),
        }
      : null,
    audio: audio['codec']
      ? { codec: text(audio['codec']), sampleRate: number(audio['sample_rate']), channels: number(audio['channel']) }
      : null,
    multitrack: list(fields['tracks']).length > 0,
    faults: list(fields['faults'])
      .map(parseFault)
      .filter(fault => fault.what !== ''),
  };
}

/** `url` is `vhost/app/stream`, without the vhost when it is the default one. */
function vhostIn(url: string, path: string): string {
  return url.endsWith(path) ? url.slice(0, -path.length) : '';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
