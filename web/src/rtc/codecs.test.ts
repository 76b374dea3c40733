import { expect, test } from 'vitest';
import { available, only, videoCodec } from './codecs';

const CHROME = ['VP8', 'rtx', 'H264', 'H264', 'AV1', 'red', 'ulpfec'].map((name, id) => ({
  mimeType: `video/${name}`,
  id,
}));

test('codecs by the names of links and of the API', () => {
  const check = (text: string, codec: string | null) => expect(videoCodec(text)).toBe(codec);
  check('H264', 'h264');
  check('H.264', 'h264');
  check('HEVC', 'hevc');
  check('h265', 'hevc');
  check('av1', 'av1');
  check('Other', null);
  check('', null);
});

test('what a browser has', () => {
  expect(available(CHROME)).toEqual(['h264', 'vp8', 'av1']);
  expect(available([])).toEqual([]);
});

test('one codec alone, in each of its profiles, with what repairs it', () => {
  expect(only('h264', CHROME)?.map(one => one.id)).toEqual([2, 3, 1, 5, 6]);
  expect(only('hevc', CHROME)).toBeNull();
});
