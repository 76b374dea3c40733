import { describe, expect, test } from 'vitest';
import { type Fault, codecName, fromCapture, fromHls, fromMedia, fromMpegts, refine, retryAfter } from './faults';

describe('mpegts.js', () => {
  function check(detail: string, info: unknown, expected: Fault, mime = '') {
    expect(fromMpegts(detail, info, mime)).toEqual(expected);
  }

  test('network', () => {
    check('HttpStatusCodeInvalid', { code: 403, msg: 'no token' }, { kind: 'http', status: 403, said: 'no token' });
    check('Exception', { code: -1, msg: 'Failed to fetch' }, { kind: 'unreachable', said: 'Failed to fetch' });
    check('UnrecoverableEarlyEof', { code: -1, msg: 'Early-EOF' }, { kind: 'dropped' });
  });

  test('media', () => {
    const hevc = 'video/mp4; codecs="hvc1.1.6.L93.B0"';
    check('MediaMSEError', { code: 9, msg: 'no' }, { kind: 'codec', codec: 'H.265 (HEVC)', mime: hevc }, hevc);
    check('MediaMSEError', { code: 11, msg: 'closed' }, { kind: 'decode', said: 'closed' });
    const unsupported = 'Flv: Unsupported codec in video frame: ';
    check('CodecUnsupported', `${unsupported}vp09`, { kind: 'codec', codec: 'VP9', mime: '' });
    check('CodecUnsupported', `${unsupported}2`, { kind: 'codec', codec: 'FLV codec 2', mime: '' });
    check('FormatUnsupported', 'Non MPEG-TS/FLV', { kind: 'format', said: 'Non MPEG-TS/FLV' });
    check('Whatever', undefined, { kind: 'unknown', said: 'Whatever' });
  });
});

test('hls.js', () => {
  const check = (details: string, more: { status?: number; mime?: string; said?: string }, expected: Fault) =>
    expect(fromHls({ details, said: '', ...more })).toEqual(expected);
  check('manifestLoadError', { status: 404 }, { kind: 'http', status: 404, said: '' });
  check('levelLoadError', { status: 503 }, { kind: 'http', status: 503, said: '' });
  check('manifestLoadError', { status: 0 }, { kind: 'unreachable', said: '' });
  check('fragLoadTimeOut', {}, { kind: 'unreachable', said: '' });
  check('manifestParsingError', { said: 'no EXTM3U' }, { kind: 'format', said: 'no EXTM3U' });
  check('bufferAppendError', { said: 'full' }, { kind: 'decode', said: 'full' });
  check('internalException', {}, { kind: 'unknown', said: 'internalException' });
  const mime = 'video/mp4;codecs=hvc1.1.6.L93.B0';
  check('bufferAddCodecError', { mime }, { kind: 'codec', codec: 'H.265 (HEVC)', mime });
  check('manifestIncompatibleCodecsError', { said: 'av01.0.05M.08' }, { kind: 'codec', codec: 'AV1', mime: '' });
});

test('video elements', () => {
  const check = (code: number, kind: Fault['kind']) =>
    expect(fromMedia({ code, message: 'm' })).toMatchObject({ kind });
  check(2, 'unreachable');
  check(3, 'decode');
  check(4, 'format');
  check(9, 'unknown');
});

test('cameras, microphones and screens', () => {
  const check = (name: string, kind: Fault['kind']) =>
    expect(fromCapture(Object.assign(new Error('m'), { name }), 'camera').kind).toBe(kind);
  check('NotAllowedError', 'denied');
  check('NotFoundError', 'no-device');
  check('OverconstrainedError', 'no-device');
  check('NotReadableError', 'device-busy');
  check('TypeError', 'unknown');
  expect(fromCapture('what', 'screen')).toEqual({ kind: 'unknown', said: 'what' });
});

test('codecs have the names that people use', () => {
  const check = (text: string, name: string) => expect(codecName(text)).toBe(name);
  check('H264', 'H.264');
  check('HEVC', 'H.265 (HEVC)');
  check('video/mp4;codecs=avc1.64001f,mp4a.40.2', 'H.264');
  check('mp4a.40.2', 'AAC');
  check('audio/mpeg', 'MP3');
  check('Opus', 'Opus');
  check('VP6', 'VP6');
});

test('a missing publisher explains what it can explain', () => {
  const check = (fault: Fault, live: boolean | null, played: boolean, kind: Fault['kind']) =>
    expect(refine(fault, live, played).kind).toBe(kind);
  const missing: Fault = { kind: 'http', status: 404, said: '' };
  check(missing, false, false, 'not-live');
  check(missing, false, true, 'gone');
  check(missing, true, true, 'http');
  check(missing, null, false, 'http');
  check({ kind: 'http', status: 403, said: '' }, false, false, 'http');
  check({ kind: 'unreachable', said: '' }, false, true, 'gone');
  check({ kind: 'dropped' }, true, true, 'dropped');
  check({ kind: 'dropped' }, false, true, 'gone');
  check({ kind: 'codec', codec: 'AV1', mime: '' }, false, false, 'codec');
  check({ kind: 'not-answered', media: 'video', offered: [] }, false, false, 'not-live');
  check({ kind: 'ice', tried: [] }, false, false, 'ice');
});

test('what may mend itself is tried again, more and more slowly', () => {
  const check = (fault: Fault, attempts: number, delay: number | null) =>
    expect(retryAfter(fault, attempts)).toBe(delay);
  check({ kind: 'gone' }, 0, 1000);
  check({ kind: 'gone' }, 99, 5000);
  check({ kind: 'http', status: 404, said: '' }, 2, 2000);
  check({ kind: 'http', status: 502, said: '' }, 0, 1000);
  check({ kind: 'http', status: 403, said: '' }, 0, null);
  check({ kind: 'decode', said: '' }, 2, 2000);
  check({ kind: 'decode', said: '' }, 3, null);
  check({ kind: 'codec', codec: 'AV1', mime: '' }, 0, null);
  check({ kind: 'mixed' }, 0, null);
  check({ kind: 'ice', tried: [] }, 2, 2000);
  check({ kind: 'ice', tried: [] }, 3, null);
  check({ kind: 'no-endpoint' }, 0, null);
});
