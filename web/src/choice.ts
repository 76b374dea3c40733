/** What to play: read from the query of a link, and written into one that can be shared. */

export const PLAYERS = ['webrtc', 'flv', 'ts', 'hls', 'll-hls', 'native-hls', 'ws-flv', 'ws-ts'] as const;
export type PlayerKind = (typeof PLAYERS)[number];

/** The name of a stream. `vhost` is empty for the default vhost. */
export interface StreamName {
  vhost: string;
  /** May have several levels: `live/room1`. */
  app: string;
  stream: string;
}

export interface Choice extends StreamName {
  /** Not given: the best that this browser can do. */
  player?: PlayerKind;
  /** The server of the media, `http://host:port`. Not given: the one that served the page. */
  origin?: string;
  /** Where WHIP and WHEP are, `http://host:port`. Not given: looked for beside the media and the API. */
  api?: string;
  /** Parameters for the server, tokens for example, in their order. */
  extra: readonly (readonly [string, string])[];
  /** False: wait for a click. */
  autostart: boolean;
}

/** The part of `location` that a query is read against. */
export interface Page {
  protocol: string;
  hostname: string;
  port: string;
  origin: string;
  pathname?: string;
}

const DEFAULT_APP = 'live';
const DEFAULT_STREAM = 'livestream';
const DEFAULT_VHOST = '__defaultVhost__';

/** Keys of SRS's player pages that say which stream is meant; one of them is enough for the defaults of the others. */
const NAMING = ['stream', 'url', 'app', 'server', 'schema', 'autostart'];
/** Keys that are for the page. Every other one goes to the server. */
const OURS = new Set([
  ...NAMING,
  'player',
  'origin',
  'vhost',
  'port',
  'api',
  'buffer',
  'host',
  'hostname',
  'http_port',
  'pathname',
  'dir',
  'filename',
]);

/** SRS's pages that play by WebRTC. */
const RTC_PLAYERS = /\/players\/(whep|rtc_player)\.html$/;
/** The paths of WHIP and WHEP, and of what SRS had before them: their query names the stream. */
const RTC_ENDPOINT = /^\/rtc\/v1\//;

const BY_EXTENSION: Record<string, PlayerKind | undefined> = { flv: 'flv', ts: 'ts', m3u8: 'hls' };

/**
 * Reads a query: the page's own (`?stream=live/livestream&player=flv`) and that of SRS's player pages
 * (`?app=live&stream=livestream.flv&server=…&port=…&schema=…&autostart=true`, or `stream=/live/livestream.flv`).
 * `null` when it names no stream.
 */
export function parseChoice(query: string, page: Page): Choice | null {
  const params = new URLSearchParams(query);
  const isRtcPage = RTC_PLAYERS.test(page.pathname ?? '');
  const names = NAMING.some(key => params.has(key));
  if (!names && !isRtcPage) return null;
  const written = (params.get('url') || params.get('stream') || DEFAULT_STREAM).trim();
  const address = absolute(written);
  if (!address && written.includes('://')) return null;
  const isEndpoint = address !== null && RTC_ENDPOINT.test(address.url.pathname);
  const named = isEndpoint ? inEndpoint(address, params) : parsePath(pathOf(address) ?? written, appIn(params));
  if (!named) return null;

  const ofAddress = [...(address?.url.searchParams ?? [])];
  const known = isEndpoint ? ['vhost', 'app', 'stream'] : ['vhost'];
  const choice: Choice = {
    app: named.app,
    stream: named.stream,
    vhost: vhostOf(address?.url.searchParams.get('vhost') ?? params.get('vhost'), params, page),
    extra: [...ofAddress.filter(([key]) => !known.includes(key)), ...[...params].filter(([key]) => !OURS.has(key))],
    // SRS's pages for WebRTC wait for a click where their link names nothing.
    autostart: names && !['false', '0'].includes(params.get('autostart') ?? ''),
  };
  const byRtc = isRtcPage || isEndpoint || [address?.scheme, params.get('schema')].includes('webrtc');
  const player = PLAYERS.find(kind => kind === params.get('player')) ?? (byRtc ? 'webrtc' : named.player);
  if (player) choice.player = player;
  const origin = isEndpoint ? undefined : address ? mediaOrigin(address, page) : originOf(params, page);
  if (origin) choice.origin = origin;
  const api = isEndpoint || address?.scheme === 'webrtc' ? ofEndpoint(address, page) : apiOf(params, page);
  if (api) choice.api = api;
  return choice;
}

/** The query that brings somebody else to the same choice, with its `?`. */
export function formatChoice(choice: Choice): string {
  const pairs: [string, string][] = [['stream', `${choice.app}/${choice.stream}`]];
  if (choice.player) pairs.push(['player', choice.player]);
  if (choice.vhost) pairs.push(['vhost', choice.vhost]);
  if (choice.origin) pairs.push(['origin', choice.origin]);
  if (choice.api) pairs.push(['api', choice.api]);
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%3A', ':');
  return `?${[...pairs, ...choice.extra].map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&')}`;
}

/** `live/livestream`, with the vhost before it when it is not the default one. */
export function displayName(name: StreamName): string {
  const path = `${name.app}/${name.stream}`;
  return name.vhost ? `${name.vhost}/${path}` : path;
}

export function sameStream(a: StreamName, b: StreamName): boolean {
  return a.vhost === b.vhost && a.app === b.app && a.stream === b.stream;
}

interface Named {
  app: string;
  stream: string;
  player?: PlayerKind;
}

/** `/live/livestream.flv`, `live/livestream`, `livestream`: the last part is the stream. */
function parsePath(path: string, app: string): Named | null {
  const parts = path.split('/').filter(part => part !== '');
  const last = parts.pop();
  if (last === undefined) return null;
  const [, base, extension] = /^(.+)\.(flv|ts|m3u8|aac|mp3)$/i.exec(last) ?? [null, last, ''];
  const player = BY_EXTENSION[(extension ?? '').toLowerCase()];
  const named: Named = { app: parts.length > 0 ? parts.join('/') : app, stream: base ?? last };
  if (player) named.player = player;
  return named;
}

/** The stream that the query of `/rtc/v1/whep/` names, or what stands behind it where nobody encoded the `&`. */
function inEndpoint({ url }: Address, params: URLSearchParams): Named | null {
  const own = url.searchParams;
  return parsePath(own.get('stream') || params.get('stream') || DEFAULT_STREAM, own.get('app') || appIn(params));
}

function appIn(params: URLSearchParams): string {
  return params.get('app') || DEFAULT_APP;
}

function pathOf(address: Address | null): string | null {
  return address && decoded(address.url.pathname);
}

interface Address {
  /** Without its colon, lower case. */
  scheme: string;
  url: URL;
}

/** The address that a text is, if it is a whole one of any scheme. */
function absolute(text: string): Address | null {
  const [, scheme, rest] = /^([a-z]+):\/\/(.+)$/i.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  try {
    // Browsers take schemes that they do not know apart in ways of their own.
    return { scheme: scheme.toLowerCase(), url: new URL(`http://${rest}`) };
  } catch {
    return null;
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** SRS: a vhost that is the name of the server itself is what the Host header says anyway. */
function vhostOf(vhost: string | null | undefined, params: URLSearchParams, page: Page): string {
  const implied = [DEFAULT_VHOST, params.get('server'), page.hostname];
  return !vhost || implied.includes(vhost) ? '' : vhost;
}

function originOf(params: URLSearchParams, page: Page): string | undefined {
  const own = params.get('origin');
  if (own) {
    const address = absolute(own);
    return address ? mediaOrigin(address, page) : undefined;
  }
  return serverOrigin(params.get('schema') ?? '', params.get('server') ?? '', params.get('port') ?? '', page);
}

/** `api` of SRS's pages is a port; in the links of this page, an origin. */
function apiOf(params: URLSearchParams, page: Page): string | undefined {
  const written = params.get('api') ?? '';
  if (/^\d{1,5}$/.test(written)) {
    return serverOrigin(params.get('schema') ?? '', params.get('server') ?? '', written, page, written);
  }
  const address = absolute(written);
  return address ? mediaOrigin(address, page) : undefined;
}

/** The port of a `webrtc://` address is that of the API. */
function ofEndpoint({ scheme, url }: Address, page: Page): string | undefined {
  return url.port === '' && scheme === 'webrtc'
    ? undefined
    : serverOrigin(scheme, url.hostname, url.port, page, url.port);
}

function mediaOrigin(address: Address, page: Page): string | undefined {
  return serverOrigin(address.scheme, address.url.hostname, address.url.port, page);
}

/**
 * The origin of the media, or `undefined` for the page's. A browser plays nothing by RTMP, and the port of RTMP says
 * nothing about HTTP: such a server is taken to be laid out like this one, or has `foreignPort`.
 */
function serverOrigin(
  scheme: string,
  server: string,
  port: string,
  page: Page,
  foreignPort = page.port,
): string | undefined {
  const protocol = { http: 'http:', https: 'https:', ws: 'http:', wss: 'https:' }[scheme.toLowerCase()];
  const host = server || page.hostname;
  const foreign = scheme !== '' && protocol === undefined;
  const used = foreign ? foreignPort : port;
  if (host === page.hostname && ((foreign && used === page.port) || port === '')) return undefined;
  const text = withPort(`${protocol ?? page.protocol}//${host}`, used);
  try {
    const { origin } = new URL(text);
    return origin === page.origin ? undefined : origin;
  } catch {
    return undefined;
  }
}

function withPort(base: string, port: string): string {
  return port === '' ? base : `${base}:${port}`;
}
