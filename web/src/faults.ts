/** What can go wrong while playing and publishing, by cause, and what libraries and browsers call it. */

import type { Source } from './publish/wish';
import type { Candidate } from './rtc/sdp';

export type Fault =
  /** The browser lacks Media Source Extensions. */
  | { kind: 'no-mse' }
  /** The browser does not play HLS by itself. */
  | { kind: 'no-native-hls' }
  /** `codec` is the name that people use, `mime` what the browser was asked, if that is known. */
  | { kind: 'codec'; codec: string; mime: string }
  /** The connection ended, and nobody knows yet why. */
  | { kind: 'dropped' }
  /** The publisher left. */
  | { kind: 'gone' }
  /** Nobody has published yet. */
  | { kind: 'not-live' }
  /** `said` is the text that the server sent along, if any. */
  | { kind: 'http'; status: number; said: string }
  /** No answer: the browser does not say whether it is the server, the network or CORS. */
  | { kind: 'unreachable'; said: string }
  /** A page over HTTPS may not load what is not encrypted. */
  | { kind: 'mixed' }
  /** Connected, and nothing to show for so long. */
  | { kind: 'silent'; seconds: number }
  | { kind: 'decode'; said: string }
  /** What came is not what this player reads. */
  | { kind: 'format'; said: string }
  /** The code of the player could not be loaded. */
  | { kind: 'library'; said: string }
  /** The browser has no WebRTC. */
  | { kind: 'no-rtc' }
  /** The server says that its WebRTC is off. */
  | { kind: 'rtc-off' }
  /** Servers answer, and none knows of WHIP and WHEP. */
  | { kind: 'no-endpoint' }
  /** The browser has not got a codec for WebRTC, only `has`. */
  | { kind: 'rtc-codec'; codec: string; has: readonly string[] }
  /** The answer takes nothing of what was offered. */
  | { kind: 'not-answered'; media: 'audio' | 'video'; offered: readonly string[] }
  /** None of the addresses in the answer could be reached. */
  | { kind: 'ice'; tried: readonly Candidate[] }
  /** There is a way, and no encryption was agreed on. */
  | { kind: 'dtls' }
  /** The browser gives cameras and screens to secure pages only. */
  | { kind: 'insecure' }
  /** Somebody said no, or the system did. */
  | { kind: 'denied'; source: Source }
  | { kind: 'no-device'; source: Source }
  /** Another program has it. */
  | { kind: 'device-busy'; source: Source; said: string }
  | { kind: 'unknown'; said: string };

/** Delays of one attempt after another, in milliseconds; the last one repeats. */
const SOON = [1000, 1000, 2000, 3000, 5000];
const A_FEW_TIMES = 3;

/** When to try again, in milliseconds, after so many attempts that failed; `null`: only when somebody asks. */
export function retryAfter(fault: Fault, attempts: number): number | null {
  const delay = SOON[Math.min(attempts, SOON.length - 1)] ?? null;
  switch (fault.kind) {
    case 'dropped':
    case 'gone':
    case 'not-live':
    case 'unreachable':
      return delay;
    case 'http':
      // A playlist or a stream that is not there may still come; a refusal stays one.
      return fault.status === 404 || fault.status >= 500 ? delay : null;
    case 'decode':
    case 'format':
    case 'ice':
    case 'dtls':
    case 'unknown':
      return attempts < A_FEW_TIMES ? delay : null;
    case 'silent':
    case 'no-mse':
    case 'no-native-hls':
    case 'codec':
    case 'mixed':
    case 'library':
    case 'no-rtc':
    case 'rtc-off':
    case 'no-endpoint':
    case 'rtc-codec':
    case 'not-answered':
    case 'insecure':
    case 'denied':
    case 'no-device':
    case 'device-busy':
      return null;
  }
}

/** What it may look like that nobody publishes. */
const NO_STREAM: readonly Fault['kind'][] = ['dropped', 'unreachable', 'format', 'silent', 'not-answered', 'unknown'];

/** A fault that is explained by there being no publisher, when the API says so. */
export function refine(fault: Fault, live: boolean | null, hasPlayed: boolean): Fault {
  const explained = NO_STREAM.includes(fault.kind) || isMissing(fault);
  if (live === false && explained) return { kind: hasPlayed ? 'gone' : 'not-live' };
  return fault;
}

function isMissing(fault: Fault): boolean {
  return fault.kind === 'http' && fault.status === 404;
}

/** An error event of mpegts.js: its type, its detail and what it adds. */
export function fromMpegts(detail: string, info: unknown, mime: string): Fault {
  const said = saidBy(info);
  switch (detail) {
    case 'HttpStatusCodeInvalid':
      return { kind: 'http', status: codeIn(info), said };
    case 'Exception':
    case 'ConnectingTimeout':
      return { kind: 'unreachable', said };
    case 'EarlyEof':
    case 'UnrecoverableEarlyEof':
      return { kind: 'dropped' };
    case 'CodecUnsupported':
      return { kind: 'codec', codec: flvCodec(said), mime: '' };
    case 'FormatError':
    case 'FormatUnsupported':
      return { kind: 'format', said };
    case 'MediaMSEError':
      // NotSupportedError: addSourceBuffer() refused the type.
      return codeIn(info) === 9 ? { kind: 'codec', codec: codecName(mime), mime } : { kind: 'decode', said };
    default:
      return { kind: 'unknown', said: said || detail };
  }
}

/** The part of an error of hls.js that tells its cause. */
export interface HlsTrouble {
  details: string;
  said: string;
  /** HTTP status; 0 where there was no answer. */
  status?: number;
  mime?: string;
}

/** A fatal error of hls.js. */
export function fromHls(trouble: HlsTrouble): Fault {
  const { details, said, status, mime = '' } = trouble;
  if (details === 'bufferAddCodecError' || details.endsWith('IncompatibleCodecsError')) {
    return { kind: 'codec', codec: codecName(mime || said), mime };
  }
  if (status !== undefined && status >= 400) return { kind: 'http', status, said: '' };
  if (/Load(Error|TimeOut)$/.test(details)) return { kind: 'unreachable', said };
  if (/ParsingError$|^levelEmptyError$/.test(details)) return { kind: 'format', said: said || details };
  if (/^buffer/.test(details)) return { kind: 'decode', said: said || details };
  return { kind: 'unknown', said: said || details };
}

/** The error of a video element: codes of HTML, clause 4.8.11.1. */
export function fromMedia(error: { code: number; message: string }): Fault {
  switch (error.code) {
    case 2:
      return { kind: 'unreachable', said: error.message };
    case 3:
      return { kind: 'decode', said: error.message };
    case 4:
      return { kind: 'format', said: error.message };
    default:
      return { kind: 'unknown', said: error.message };
  }
}

/** What asking for a camera, a microphone or the screen failed with (W3C mediacapture-streams, clause 10.2). */
export function fromCapture(error: unknown, source: Source): Fault {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return { kind: 'denied', source };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { kind: 'no-device', source };
    case 'NotReadableError':
    case 'AbortError':
      return { kind: 'device-busy', source, said: message };
    default:
      return { kind: 'unknown', said: message };
  }
}

const CODECS: [RegExp, string][] = [
  [/hvc1|hev1|hevc|h\.?265/i, 'H.265 (HEVC)'],
  [/av01|av1/i, 'AV1'],
  [/vp09|vp9/i, 'VP9'],
  [/vp08|vp8/i, 'VP8'],
  [/avc1|avc3|h\.?264/i, 'H.264'],
  [/opus/i, 'Opus'],
  [/mp4a\.(6b|69|40\.34)|mp3|mpeg/i, 'MP3'],
  [/mp4a|aac/i, 'AAC'],
  [/ac-3|ec-3/i, 'Dolby'],
];

/** What people call the first codec in a MIME type or a message; the text itself when it names none that is known. */
export function codecName(text: string): string {
  return CODECS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

/** mpegts.js ends its complaint with the FourCC or the number that FLV gives the codec. */
function flvCodec(said: string): string {
  const last = said.split(' ').at(-1) ?? '';
  return /^\d+$/.test(last) ? `FLV codec ${last}` : codecName(last);
}

function saidBy(info: unknown): string {
  if (typeof info === 'string') return info;
  if (typeof info === 'object' && info !== null && 'msg' in info && typeof info.msg === 'string') return info.msg;
  return '';
}

function codeIn(info: unknown): number {
  return typeof info === 'object' && info !== null && 'code' in info && typeof info.code === 'number' ? info.code : 0;
}
