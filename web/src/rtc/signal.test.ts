import { expect, test } from 'vitest';
import type { Fault } from '../faults';
import { type Answer, ask, end, iceServersIn } from './signal';

const SDP = 'v=0\r\n';
const URLS = ['http://weir.test:8080/rtc/v1/whep/?app=live&stream=x', 'http://weir.test:1985/rtc/v1/whep/'];
const CREATED = { status: 201, headers: { 'Content-Type': 'application/sdp' } };

/** Servers that answer one after the other; `null` does not. */
function servers(...answers: (Response | null)[]) {
  const asked: { url: string; init: RequestInit }[] = [];
  const get = (async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    const answer = answers[asked.length - 1];
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  }) as unknown as typeof fetch;
  return { asked, get };
}

async function check(answers: (Response | null)[], expected: Fault | Partial<Answer>, requests = 1) {
  const { asked, get } = servers(...answers);
  expect(await ask({ urls: URLS, bearer: null, offer: SDP }, get)).toMatchObject(expected);
  expect(asked.map(one => one.url)).toEqual(URLS.slice(0, requests));
}

const problem = (status: number, fields: object) =>
  new Response(JSON.stringify(fields), { status, headers: { 'Content-Type': 'application/problem+json' } });

test('an offer is posted as the protocol says', async () => {
  const { asked, get } = servers(new Response(SDP, CREATED));
  await ask({ urls: URLS, bearer: 'secret', offer: 'offer' }, get);
  expect(asked[0]?.init).toMatchObject({
    method: 'POST',
    body: 'offer',
    headers: { 'Content-Type': 'application/sdp', Authorization: 'Bearer secret' },
  });
});

test('an answer says what to delete, and where STUN servers are', async () => {
  const headers = { Location: '/rtc/v1/whip/?action=delete&token=t', Link: '<stun:stun.test>; rel="ice-server"' };
  await check([new Response(SDP, { status: 201, headers })], {
    sdp: SDP,
    resource: 'http://weir.test:8080/rtc/v1/whip/?action=delete&token=t',
    iceServers: [{ urls: 'stun:stun.test' }],
  });
  await check([new Response(SDP, CREATED)], { sdp: SDP, resource: null, iceServers: [] });
});

test('the next place is asked where there is no such thing, or nobody', async () => {
  const answer = new Response(SDP, CREATED);
  await check([new Response('Not Found', { status: 404 }), answer], { sdp: SDP }, 2);
  await check([new Response('', { status: 405 }), new Response(SDP, CREATED)], { sdp: SDP }, 2);
  await check([new Response('<html>'), new Response(SDP, CREATED)], { sdp: SDP }, 2);
  await check([null, new Response(SDP, CREATED)], { sdp: SDP }, 2);
  await check([null, null], { kind: 'unreachable', said: 'Failed to fetch' }, 2);
  await check([null, new Response('', { status: 404 })], { kind: 'no-endpoint' }, 2);
  await check([new Response('', { status: 404 }), null], { kind: 'no-endpoint' }, 2);
});

test('a refusal is what the server says', async () => {
  const http = (status: number, said: string): Fault => ({ kind: 'http', status, said });
  await check([problem(404, { title: 'no such vhost' })], http(404, 'no such vhost'));
  await check([problem(409, { title: 'busy', detail: 'live/x is published' })], http(409, 'live/x is published'));
  await check([new Response('no token\n', { status: 401 })], http(401, 'no token'));
  await check([problem(400, { code: 5012 })], http(400, 'code 5012'));
  await check([problem(500, [])], http(500, ''));
  const json = { headers: { 'Content-Type': 'application/json' } };
  await check([new Response('{"code":400}', json)], http(200, 'code 400'));
});

test('the end is told, with the token', async () => {
  const { asked, get } = servers(new Response());
  end('http://weir.test/s', 'secret', get);
  expect(asked).toMatchObject([
    {
      url: 'http://weir.test/s',
      init: { method: 'DELETE', keepalive: true, headers: { Authorization: 'Bearer secret' } },
    },
  ]);
});

test('STUN and TURN servers in links', () => {
  const turn = '<turn:turn.test?transport=udp>; rel="ice-server"; username="u,1"; credential="a\\"b"';
  expect(iceServersIn(`<stun:stun.test>; rel="ice-server", ${turn}, </x>; rel=next`)).toEqual([
    { urls: 'stun:stun.test' },
    { urls: 'turn:turn.test?transport=udp', username: 'u,1', credential: 'a"b' },
  ]);
  for (const none of [null, '', 'nonsense', '<http://x>; rel="ice-server"', '<stun:x>']) {
    expect(iceServersIn(none)).toEqual([]);
  }
});
