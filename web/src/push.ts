/** What a publisher types: lines for ffmpeg and fields for OBS, ready to copy. */

import { rtmpServer } from './address';
import type { StreamName } from './choice';

const NEWCOMER: StreamName = { vhost: '', app: 'live', stream: 'livestream' };

/**
 * Letters, digits and `._-` in levels. What is copied from here ends up in a shell, and the name may come from a link
 * that somebody else made.
 */
const HARMLESS = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*(\/[\p{L}\p{N}_][\p{L}\p{N}._-]*)*$/u;
const HARMLESS_HOST = /^[\p{L}\p{N}._:[\]-]+$/u;

export interface Push {
  /** Publishes a test picture with a tone: needs no file. */
  test: string;
  /** Publishes a file, over and over. */
  file: string;
  /** OBS: Settings, Stream. */
  server: string;
  key: string;
}

/** What the reader is to put the key in the place of: the page does not know it. */
const KEY = 'key=KEY';

/**
 * How to publish to `wanted`, or to the usual name where that one does not belong into a shell. `keyed`: with a place
 * for the key that publishers need.
 */
export function pushTo(wanted: StreamName | null, host: string, port: number, keyed = false): Push {
  const name = wanted && isHarmless(wanted) ? wanted : NEWCOMER;
  // As written: neither ffmpeg nor OBS nor the server decodes percent signs here.
  const server = decodeURIComponent(rtmpServer(name.app, HARMLESS_HOST.test(host) ? host : 'localhost', port));
  const query = [...(name.vhost ? [`vhost=${name.vhost}`] : []), ...(keyed ? [KEY] : [])].join('&');
  const key = query ? `${name.stream}?${query}` : name.stream;
  // A question mark asks some shells to look for files.
  const url = query ? `"${server}/${key}"` : `${server}/${key}`;
  return {
    test:
      'ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440 ' +
      '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 60 -b:v 2M ' +
      `-c:a aac -b:a 128k -f flv ${url}`,
    file: `ffmpeg -re -stream_loop -1 -i FILE.mp4 -c copy -f flv ${url}`,
    server,
    key,
  };
}

function isHarmless(name: StreamName): boolean {
  return [name.app, name.stream, name.vhost || 'default'].every(part => HARMLESS.test(part));
}
