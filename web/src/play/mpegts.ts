/** HTTP-FLV, HTTP-TS and the same by WebSocket, with mpegts.js. */

import mpegts from 'mpegts.js';
import { Chase } from '../chase';
import { fromMedia, fromMpegts } from '../faults';
import { Rate } from '../rate';
import { type Engine, type Source, buffered } from './engine';
import { type Meter, loaderFor } from './mpegts/loader';

/** Playback is compared with what has arrived so often, in milliseconds. */
const LOOK = 200;
/** What was played is kept so long, in seconds. */
const KEPT = 30;

const CONFIG = {
  isLive: true,
  // Frames go to the browser as they come.
  enableStashBuffer: false,
  lazyLoad: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 2 * KEPT,
  autoCleanupMinBackwardDuration: KEPT,
};

/** Starts to load; playing is for the caller to ask for. */
export function open(type: 'flv' | 'mpegts', { url, video, listener }: Source): Engine {
  mpegts.LoggingControl.applyConfig({ enableAll: false });
  const rate = new Rate(5, 2, 1);
  const meter: Meter = bytes => rate.add(bytes, performance.now() / 1000);
  const player = mpegts.createPlayer(
    { type, url, isLive: true, cors: true },
    { ...CONFIG, customLoader: loaderFor(url, meter) },
  );

  player.on(mpegts.Events.ERROR, (_type: string, detail: string, info: unknown) => {
    const { mimeType = '' } = player.mediaInfo;
    listener.fault(fromMpegts(detail, info, mimeType));
  });
  player.on(mpegts.Events.LOADING_COMPLETE, () => listener.ended());
  // mpegts.js does not tell that the decoder gave up.
  const onError = () => {
    const { error } = video;
    if (error?.code === MediaError.MEDIA_ERR_DECODE) listener.fault(fromMedia(error));
  };
  video.addEventListener('error', onError);
  const chase = new Chase();
  const onWaiting = () => {
    // The wait before the first picture is none.
    if (video.currentTime > 0) chase.stalled();
  };
  video.addEventListener('waiting', onWaiting);
  const looking = setInterval(() => {
    const behind = buffered(video);
    if (behind === null || video.paused || video.seeking) return;
    const move = chase.look(behind);
    if ('skip' in move) video.currentTime += move.skip;
    else if (video.playbackRate !== move.rate) video.playbackRate = move.rate;
  }, LOOK);
  player.attachMediaElement(video);
  player.load();

  return {
    library: `mpegts.js ${mpegts.version}`,
    behind: 'arrived',
    form: () => null,
    latency: () => buffered(video),
    kbps: () => {
      const perSecond = rate.perSecond(performance.now() / 1000);
      return perSecond === null ? null : (perSecond * 8) / 1000;
    },
    destroy: () => {
      clearInterval(looking);
      video.removeEventListener('waiting', onWaiting);
      video.removeEventListener('error', onError);
      video.playbackRate = 1;
      player.destroy();
    },
  };
}
