import { expect, test } from 'vitest';
import type { Page } from '../choice';
import { type PublishWish, extraOf, parsePublish } from './wish';

const PAGE: Page = { protocol: 'http:', hostname: 'weir.test', port: '8080', origin: 'http://weir.test:8080' };
const WHIP = { ...PAGE, pathname: '/players/whip.html' };

function check(query: string, changes: Partial<PublishWish> | null, page = PAGE, autostart = false) {
  const plain = {
    vhost: '',
    app: 'live',
    stream: 'livestream',
    extra: [],
    source: 'camera',
    codec: null,
    simulcast: false,
  };
  expect(parsePublish(query, page)).toEqual(changes && { wish: { ...plain, ...changes }, autostart });
}

test('the links of the page', () => {
  check('?publish=a/b/x', { app: 'a/b', stream: 'x' });
  check('?publish=', {});
  check('?publish=live/x&source=screen&codec=vp9&simulcast=on', {
    stream: 'x',
    source: 'screen',
    codec: 'vp9',
    simulcast: true,
  });
  check('?publish=live/x&vhost=v.test&token=t', { stream: 'x', vhost: 'v.test', extra: [['token', 't']] });
  check('?stream=live/x', null);
  check('', null);
});

test('the links of SRS', () => {
  for (const page of [WHIP, { ...PAGE, pathname: '/players/rtc_publisher.html' }]) {
    check('', {}, page);
    check('?app=show&stream=x&server=weir.test&port=8080', { app: 'show', stream: 'x' }, page);
    check(
      '?stream=x&api=1985&schema=http&eip=192.0.2.7',
      { stream: 'x', api: 'http://weir.test:1985', extra: [['eip', '192.0.2.7']] },
      page,
    );
    check('?stream=x&camera=false&codec=hevc', { stream: 'x', source: 'microphone', codec: 'hevc' }, page);
  }
  check('?url=http://weir.test:1985/rtc/v1/whip/?app=live&stream=x', { stream: 'x', api: 'http://weir.test:1985' });
});

test('a camera starts by itself only where a link says so', () => {
  check('?stream=x&autostart=true', { stream: 'x' }, WHIP, true);
  check('?stream=x&autostart=false', { stream: 'x' }, WHIP);
  const far = { stream: 'x', origin: 'http://other.test', api: 'http://other.test:1985' };
  check('?stream=x&autostart=true&server=other.test&api=1985', far, WHIP, true);
});

test('the server is told of the codec', () => {
  const wish = parsePublish('?publish=live/x&codec=h265&eip=192.0.2.7', PAGE)?.wish;
  expect(wish && extraOf(wish)).toEqual([
    ['eip', '192.0.2.7'],
    ['codec', 'hevc'],
  ]);
  const odd = parsePublish('?publish=live/x&codec=theora', PAGE)?.wish;
  expect(odd && extraOf(odd)).toEqual([['codec', 'theora']]);
});
