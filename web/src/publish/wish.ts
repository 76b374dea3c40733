/** What to publish from the browser: read from the query of a link, or from the form. */

import { type Choice, type Page, parseChoice } from '../choice';
import { type VideoCodec, videoCodec } from '../rtc/codecs';

export const SOURCES = ['camera', 'screen', 'microphone'] as const;
export type Source = (typeof SOURCES)[number];

/** The name of a stream, where it goes, and what is sent. */
export interface PublishWish extends Pick<Choice, 'vhost' | 'app' | 'stream' | 'origin' | 'api' | 'extra'> {
  source: Source;
  /** `null`: browser and server agree on one. */
  codec: VideoCodec | null;
  /** Three sizes at once, so that each player gets what its network carries. */
  simulcast: boolean;
}

/** SRS's pages that publish. */
const PAGES = /\/players\/(whip|rtc_publisher)\.html$/;
const ENDPOINT = /\/rtc\/v1\/(whip|publish)\//;
/** Keys that are for the form. `codec` is for the server, too. */
const OURS = new Set(['publish', 'source', 'camera', 'simulcast']);

/**
 * Reads a query: the page's own (`?publish=live/livestream&source=screen&codec=vp9&simulcast=on`) and those of SRS's
 * pages `whip.html` and `rtc_publisher.html`. `null` when it is none to publish by. `autostart` only where it says so.
 */
export function parsePublish(query: string, page: Page): { wish: PublishWish; autostart: boolean } | null {
  const params = new URLSearchParams(query);
  const asked = params.has('publish') || PAGES.test(page.pathname ?? '') || ENDPOINT.test(params.get('url') ?? '');
  if (!asked) return null;
  const named = params.get('publish');
  if (named) params.set('stream', named);
  if (!params.has('stream') && !params.has('url')) params.set('stream', 'livestream');
  const choice = parseChoice(params.toString(), page);
  if (!choice) return null;
  const { vhost, app, stream, origin, api } = choice;
  const extra = choice.extra.filter(([key]) => !OURS.has(key));
  const codec = videoCodec(extra.find(([key]) => key === 'codec')?.[1] ?? '');
  const wish: PublishWish = {
    vhost,
    app,
    stream,
    ...(origin !== undefined && { origin }),
    ...(api !== undefined && { api }),
    extra: extra.filter(([key]) => key !== 'codec' || codec === null),
    source: SOURCES.find(source => source === params.get('source')) ?? byCamera(params.get('camera')),
    codec,
    simulcast: isOn(params.get('simulcast')),
  };
  return { wish, autostart: isOn(params.get('autostart')) };
}

/** What the server is told: `codec` is a parameter of WHIP. */
export function extraOf(wish: PublishWish): Choice['extra'] {
  return wish.codec === null ? wish.extra : [...wish.extra, ['codec', wish.codec]];
}

/** SRS: without its camera, it is the sound that is published. */
function byCamera(text: string | null): Source {
  return ['false', '0', 'off'].includes(text ?? '') ? 'microphone' : 'camera';
}

function isOn(text: string | null): boolean {
  return ['true', '1', 'on'].includes(text ?? '');
}
