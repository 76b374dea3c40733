/** WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) over HTTP: an offer is posted, an answer comes back. */

import type { Fault } from '../faults';

/** What a server answers an offer with. */
export interface Answer {
  sdp: string;
  /** What to delete in the end; `null`: the server did not say. */
  resource: string | null;
  iceServers: readonly RTCIceServer[];
}

export interface Asked {
  /** The same endpoint at several places: the next is asked where there is none. */
  urls: readonly string[];
  /** The token to send. */
  bearer: string | null;
  /** The description. */
  offer: string;
}

/** Callbacks of the server may take their time. Milliseconds. */
const TIMEOUT_MS = 15_000;
/** Of what a server says with a refusal, no more than this is shown. Characters. */
const MOST_SAID = 300;
/** Statuses of servers, or of ports, that know nothing of WHIP and WHEP. */
const NOTHING_THERE = [404, 405, 501];

type Get = typeof fetch;

/** Posts an offer. */
export async function ask(asked: Asked, get: Get = (input, init) => fetch(input, init)): Promise<Answer | Fault> {
  let fault: Fault = { kind: 'no-endpoint' };
  let heard = false;
  for (const url of asked.urls) {
    const answer = await askOne(url, asked, get);
    if ('sdp' in answer || !['no-endpoint', 'unreachable'].includes(answer.kind)) return answer;
    // An answer, even that there is nothing, says more than none.
    if (!heard) fault = answer;
    heard ||= answer.kind === 'no-endpoint';
  }
  return fault;
}

/** Ends a session, also while the page is being left. */
export function end(resource: string, bearer: string | null, get: Get = (input, init) => fetch(input, init)): void {
  void get(resource, { method: 'DELETE', keepalive: true, headers: authorization(bearer) }).catch(() => undefined);
}

/** The STUN and TURN servers in a Link header (RFC 9725, clause 4.6). */
export function iceServersIn(link: string | null): RTCIceServer[] {
  const links = (link ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^",;\s]*))?)*)/g);
  return [...links].flatMap(([, url = '', parameters = '']) => {
    const named = new Map<string, string>();
    for (const [, name = '', quoted, plain = ''] of parameters.matchAll(
      /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))/g,
    )) {
      named.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    }
    if (named.get('rel') !== 'ice-server' || !/^(stuns?|turns?):/i.test(url)) return [];
    const [username, credential] = [named.get('username'), named.get('credential')];
    return [
      { urls: url, ...(username !== undefined && { username }), ...(credential !== undefined && { credential }) },
    ];
  });
}

async function askOne(url: string, { offer, bearer }: Asked, get: Get): Promise<Answer | Fault> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await get(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', ...authorization(bearer) },
      body: offer,
      signal: abort.signal,
      cache: 'no-store',
    });
    return await read(response, url);
  } catch (error) {
    return { kind: 'unreachable', said: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function read(response: Response, url: string): Promise<Answer | Fault> {
  const { status } = response;
  const text = await response.text();
  if (response.ok && text.startsWith('v=0')) {
    const location = response.headers.get('Location');
    return {
      sdp: text,
      resource: location === null ? null : resolved(location, response.url || url),
      iceServers: iceServersIn(response.headers.get('Link')),
    };
  }
  const type = response.headers.get('Content-Type') ?? '';
  const isProblem = /^application\/(problem\+)?json\b/i.test(type);
  // Pages and files are what a server sends that takes the path for one of them.
  if (!isProblem && (response.ok || NOTHING_THERE.includes(status))) return { kind: 'no-endpoint' };
  return { kind: 'http', status, said: (isProblem ? problem(text) : text).trim().slice(0, MOST_SAID) };
}

/** Problem details (RFC 9457) in words; a code alone where SRS has no more to say. */
function problem(text: string): string {
  try {
    const fields = JSON.parse(text) as Record<string, unknown> | null;
    const [title, detail] = [fields?.['title'], fields?.['detail']].map(one => (typeof one === 'string' ? one : ''));
    const code = fields?.['code'];
    return detail || title || (typeof code === 'number' ? `code ${code}` : '');
  } catch {
    return text;
  }
}

function resolved(location: string, base: string): string | null {
  try {
    return new URL(location, base).href;
  } catch {
    return null;
  }
}

function authorization(bearer: string | null): Record<string, string> {
  return bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
}
