import { expect, test } from 'vitest';
import { candidateName, candidatesIn, mediaIn, refusedBy, takesSimulcast } from './sdp';

const lines = (...text: string[]) => [...text, ''].join('\r\n');

const OFFER = lines(
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 13',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:63 red/48000/2',
  'a=rtpmap:13 CN/8000',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=rtpmap:98 H264/90000',
  'a=rtpmap:99 H264/90000',
);

test('candidates, each once', () => {
  const sdp = lines(
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=candidate:0 1 udp 2130706431 192.0.2.7 8000 typ host generation 0',
    'a=candidate:1 1 TCP 1671430143 192.0.2.7 8080 typ host tcptype passive',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=candidate:0 1 udp 2130706431 192.0.2.7 8000 typ host generation 0',
    'a=candidate:2 1 udp 2130706431 2001:db8::1 8000 typ host',
    'a=candidate:broken',
  );
  expect(candidatesIn(sdp).map(candidateName)).toEqual([
    'udp 192.0.2.7:8000',
    'tcp 192.0.2.7:8080',
    'udp [2001:db8::1]:8000',
  ]);
  expect(candidatesIn('')).toEqual([]);
});

test('codecs, without what goes with all of them', () => {
  expect(mediaIn(OFFER)).toEqual([
    { kind: 'audio', refused: false, codecs: ['opus', 'PCMU'] },
    { kind: 'video', refused: false, codecs: ['VP8', 'H264'] },
  ]);
});

test('what an answer takes nothing of', () => {
  const check = (video: string[], refused: string[]) => {
    const answer = lines('v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', ...video);
    expect(refusedBy(answer, OFFER).map(media => media.kind)).toEqual(refused);
  };
  check(['m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=rtpmap:98 H264/90000'], []);
  check(['m=video 0 UDP/TLS/RTP/SAVPF 98', 'a=rtpmap:98 H264/90000'], ['video']);
  check(['m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=rtpmap:98 H264/90000', 'a=inactive'], ['video']);
  check(['m=video 9 UDP/TLS/RTP/SAVPF 97', 'a=rtpmap:97 rtx/90000'], ['video']);
  check([], ['video']);
});

test('whether several sizes are taken', () => {
  expect(takesSimulcast(lines('m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=simulcast:recv q;h;f'))).toBe(true);
  expect(takesSimulcast(lines('m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=simulcast:send q;h;f'))).toBe(false);
  expect(takesSimulcast(OFFER)).toBe(false);
});
