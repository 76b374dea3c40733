/** HTTP-FLV, HTTP-TS and the same by WebSocket, with mpegts.js. */

import mpegts from 'mpegts.js';
import { fromMedia, fromMpegts } from '../faults';
import { Rate } from '../rate';
import { type Engine, type Source, buffered } from './engine';
import { type Meter, loaderFor } from './mpegts/loader';

/** Behind by more than this, playback jumps: a group of pictures or a long pause has piled up. Seconds. */
const JUMP_ABOVE = 4;
/** Behind by more than this, it runs faster until it is behind by no more than `CLOSE`. Seconds. */
const HURRY_ABOVE = 1.2;
const CLOSE = 0.7;
const HURRIED = 1.15;
/** What was played is kept so long, in seconds. */
const KEPT = 30;

const CONFIG = {
  isLive: true,
  // Frames go to the browser as they come.
  enableStashBuffer: false,
  lazyLoad: false,
  liveBufferLatencyChasing: true,
  liveBufferLatencyMaxLatency: JUMP_ABOVE,
  liveBufferLatencyMinRemain: 1,
  liveSync: true,
  liveSyncMaxLatency: HURRY_ABOVE,
  liveSyncTargetLatency: CLOSE,
  liveSyncPlaybackRate: HURRIED,
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
      video.removeEventListener('error', onError);
      player.destroy();
    },
  };
}
