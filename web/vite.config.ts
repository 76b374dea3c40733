/// <reference types="node" />
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

/** A running weir or SRS that `npm run dev` shows: its HTTP server and its API. */
const MEDIA = 'http://127.0.0.1:8080';
const API = 'http://127.0.0.1:1985';

/**
 * hls.js is built from its sources, with what no playlist of weir has left out: that is a quarter of it. Its published
 * light build would also leave out H.265 in MPEG-TS.
 */
const HLS_SOURCE = installed('hls.js/src/hls.ts');
const HLS_SWITCHES = {
  ALT_AUDIO: true,
  CMCD: false,
  CONTENT_STEERING: false,
  EME_DRM: false,
  IFRAMES: false,
  INTERSTITIALS: false,
  M2TS_ADVANCED_CODECS: true,
  MEDIA_CAPABILITIES: false,
  SUBTITLES: false,
  VARIABLE_SUBSTITUTION: false,
};

/** What the page may load: nothing that this server, or the server of a stream, does not send. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  'connect-src *',
  'media-src * blob:',
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** Not while developing: Vite's own client would be against it. */
const policy: Plugin = {
  name: 'policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
};

const LICENCES = 'weir-licences.txt';
/** Packages that mpegts.js is published with: Vite cannot see them. */
const INSIDE_MPEGTS = ['es6-promise', 'events'];

const licences: Plugin = {
  name: 'licences',
  apply: 'build',
  writeBundle({ dir = 'dist' }) {
    for (const name of INSIDE_MPEGTS) {
      const text = readFileSync(installed(`${name}/LICENSE`), 'utf8');
      appendFileSync(`${dir}/${LICENCES}`, `\n## ${name} (MIT)\n\n${text}`);
    }
  },
};

function installed(path: string): string {
  return fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
}

export default defineConfig({
  // Absolute, so that the same page also works below the old paths of SRS, such as /players/srs_player.html.
  base: '/',
  plugins: [policy, licences],
  resolve: { alias: [{ find: /^hls\.js$/, replacement: HLS_SOURCE }] },
  define: {
    ...Object.fromEntries(Object.entries(HLS_SWITCHES).map(([name, on]) => [`__USE_${name}__`, String(on)])),
    __VERSION__: JSON.stringify(manifest.dependencies['hls.js']),
    __HLS_WORKER_BUNDLE__: 'undefined',
    __IN_WORKER__: 'false',
  },
  build: {
    // Not `assets`: the folder shares its root with the files of http_server.dir.
    assetsDir: 'weir-assets',
    // Safari 14 is what phones of 2020 have; older ones lack what the players need.
    target: ['es2020', 'chrome87', 'firefox78', 'safari14'],
    modulePreload: { polyfill: false },
    license: { fileName: LICENCES },
  },
  server: {
    proxy: {
      '/api/': API,
      '/rtc/': API,
      '^/.+\\.(flv|ts|m3u8|m4s|mp4)$': { target: MEDIA, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
