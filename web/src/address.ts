/** URLs of streams and of the API. */

import type { Choice, Page, PlayerKind, StreamName } from './choice';

const EXTENSION: Record<Exclude<PlayerKind, 'webrtc'>, string> = {
  flv: '.flv',
  ts: '.ts',
  hls: '.m3u8',
  'll-hls': '.m3u8',
  'native-hls': '.m3u8',
  'ws-flv': '.flv',
  'ws-ts': '.ts',
};

const RTMP_PORT = 1935;

/** What a player of this kind opens. */
export function mediaUrl(choice: Choice, kind: PlayerKind, page: Page): string {
  if (kind === 'webrtc') return rtcUrls(choice, 'whep', page)[0] ?? '';
  const origin = choice.origin ?? page.origin;
  const base = kind.startsWith('ws-') ? origin.replace(/^http/, 'ws') : origin;
  const query = encodedQuery([...vhostPairs(choice), ...choice.extra]);
  return `${base}${path(choice)}${EXTENSION[kind]}${query && `?${query}`}`;
}

/** The extension that a player of this kind needs a mount for; empty where it needs none. */
export function extension(kind: PlayerKind): string {
  return kind === 'webrtc' ? '' : EXTENSION[kind];
}

/** What is published to, or played from. */
export type Destination = StreamName & Pick<Choice, 'origin' | 'api' | 'extra'>;

/** Where a stream is published by WHIP or played by WHEP, the likeliest place first: as SRS has the addresses. */
export function rtcUrls(to: Destination, verb: 'whip' | 'whep', page: Page, told: Ports | null = null): string[] {
  const query = encodedQuery([['app', to.app], ['stream', to.stream], ...vhostPairs(to), ...to.extra]);
  return rtcOrigins(to, page, told).map(origin => `${origin}/rtc/v1/${verb}/?${query}`);
}

/** Whether WHIP and WHEP lead to the server of the page and nowhere else: others get none of its tokens. */
export function isOwn(to: Destination, page: Page, told: Ports | null): boolean {
  const own = [page.origin, ...apiOrigins(page, told)];
  return rtcOrigins(to, page, told).every(origin => own.includes(origin));
}

function rtcOrigins({ origin, api }: Destination, page: Page, told: Ports | null): string[] {
  if (api !== undefined) return [api];
  if (origin === undefined) return [...new Set([page.origin, ...apiOrigins(page, told)])];
  const { protocol, hostname } = new URL(origin);
  return [...new Set([origin, usualApi(protocol, hostname)])];
}

/** Where RTMP players find a stream. */
export function rtmpUrl(name: StreamName, host: string, port: number): string {
  const vhost = name.vhost ? `?vhost=${encodeURIComponent(name.vhost)}` : '';
  return `${rtmpServer(name.app, host, port)}/${encodeURIComponent(name.stream)}${vhost}`;
}

/** The part of an RTMP address that encoders call the server. */
export function rtmpServer(app: string, host: string, port: number): string {
  const authority = port === RTMP_PORT ? host : `${host}:${port}`;
  return `rtmp://${authority}/${encodedPath(app)}`;
}

/**
 * The port that RTMP publishers reached this server by, taken from the addresses that they gave (`tcUrl`); the usual
 * one while nobody has.
 */
export function rtmpPort(tcUrls: readonly string[], told: number | null = null): number {
  for (const tcUrl of tcUrls) {
    const [, port] = /^rtmp:\/\/(?:\[[^\]]*\]|[^/:]*):(\d+)/i.exec(tcUrl) ?? [];
    if (port !== undefined) return Number(port);
  }
  return told ?? RTMP_PORT;
}

/** What weir tells of its ports at `/weir.json`; `null` for what is off. */
export interface Ports {
  api: number | null;
  apiTls: number | null;
  rtmp: number | null;
  /** The UDP port of WebRTC; `undefined`: it does not say. */
  rtc?: number | null;
  /** Who needs a key to publish: publishers on other machines, or all. */
  pushKey: 'remote' | 'all' | null;
}

/** Reads `/weir.json`; any other answer tells nothing. */
export function parsePorts(answer: unknown): Ports | null {
  if (typeof answer !== 'object' || answer === null || !('api' in answer)) return null;
  const fields = answer as Record<string, unknown>;
  const port = (name: string) => (typeof fields[name] === 'number' ? fields[name] : null);
  const { pushKey } = fields;
  const ports = { api: port('api'), apiTls: port('apiTls'), rtmp: port('rtmp') };
  return {
    ...ports,
    ...('rtc' in fields && { rtc: port('rtc') }),
    pushKey: pushKey === 'remote' || pushKey === 'all' ? pushKey : null,
  };
}

/** Whether a host is the machine that the browser runs on. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname);
}

/** Whether a host is an address that only its own network reaches (RFC 1918, RFC 4193, RFC 3927, RFC 6598). */
export function isPrivate(hostname: string): boolean {
  const v4 = /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/;
  return v4.test(hostname) || /^\[?(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i.test(hostname) || isLoopback(hostname);
}

/** Whether who reads a page of this host needs a key to publish. */
export function needsPushKey(hostname: string, told: Ports | null): boolean {
  return told?.pushKey === 'all' || (told?.pushKey === 'remote' && !isLoopback(hostname));
}

/** Where the API may be, the likeliest first: where the server says, beside the page, or on its usual port. */
export function apiOrigins(page: Page, told: Ports | null = null): string[] {
  const secure = page.protocol === 'https:';
  const known = secure ? told?.apiTls : told?.api;
  if (known) return [`${page.protocol}//${page.hostname}:${known}`];
  return [...new Set([page.origin, usualApi(page.protocol, page.hostname)])];
}

function usualApi(protocol: string, hostname: string): string {
  return `${protocol}//${hostname}:${protocol === 'https:' ? 1990 : 1985}`;
}

function vhostPairs({ vhost }: StreamName): [string, string][] {
  return vhost ? [['vhost', vhost]] : [];
}

function encodedQuery(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

function path(name: StreamName): string {
  return `/${encodedPath(name.app)}/${encodeURIComponent(name.stream)}`;
}

function encodedPath(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/');
}
