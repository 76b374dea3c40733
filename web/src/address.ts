/** URLs of streams and of the API. */

import type { Choice, Page, PlayerKind, StreamName } from './choice';

const EXTENSION: Record<PlayerKind, string> = {
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
  const origin = choice.origin ?? page.origin;
  const base = kind.startsWith('ws-') ? origin.replace(/^http/, 'ws') : origin;
  const pairs = choice.vhost ? [['vhost', choice.vhost] as const, ...choice.extra] : choice.extra;
  const query = pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
  return `${base}${path(choice)}${EXTENSION[kind]}${query && `?${query}`}`;
}

/** The extension that a player of this kind needs a mount for. */
export function extension(kind: PlayerKind): string {
  return EXTENSION[kind];
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
  return { ...ports, pushKey: pushKey === 'remote' || pushKey === 'all' ? pushKey : null };
}

/** Whether a host is the machine that the browser runs on. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
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
  const port = secure ? 1990 : 1985;
  return [...new Set([page.origin, `${page.protocol}//${page.hostname}:${port}`])];
}

function path(name: StreamName): string {
  return `/${encodedPath(name.app)}/${encodeURIComponent(name.stream)}`;
}

function encodedPath(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/');
}
