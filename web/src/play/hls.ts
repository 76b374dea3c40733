/** HLS and low-latency HLS, with hls.js. */

import Hls, { type ErrorData, type HlsConfig, type LevelDetails } from 'hls.js';
import { fromHls } from '../faults';
import { PieceRate } from '../rate';
import type { Engine, Source } from './engine';

/** Playback that is later than the playlist asks for by so many segments jumps: a pause, or a long stall. */
const LATE = 4;
/** What was played is kept so long, in seconds. */
const KEPT = 30;
/** Media errors that hls.js is asked to get over. */
const RECOVERIES = 2;

/** How far behind the live edge to play is the playlist's to say (HOLD-BACK): settings of hls.js would beat it. */
function config(lowLatency: boolean): Partial<HlsConfig> {
  return {
    lowLatencyMode: lowLatency,
    // The bundle has no worker of its own, and one stream does not need it.
    enableWorker: false,
    liveDurationInfinity: true,
    maxLiveSyncPlaybackRate: lowLatency ? 1.15 : 1,
    backBufferLength: KEPT,
  };
}

/** Starts to load; playing is for the caller to ask for. */
export function open(lowLatency: boolean, { url, video, listener }: Source): Engine {
  const hls = new Hls(config(lowLatency));
  const rate = new PieceRate();
  let details: LevelDetails | null = null;
  let recoveries = 0;

  hls.on(Hls.Events.LEVEL_UPDATED, (_event, data) => {
    details = data.details;
    const target = hls.targetLatency;
    const late = target !== null && hls.latency > target + LATE * details.targetduration;
    if (late && !video.paused && hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
  });
  hls.on(Hls.Events.FRAG_BUFFERED, (_event, { stats, frag, part }) => {
    rate.add(stats.total, part ? part.duration : frag.duration);
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    if (isMendable(data) && recoveries < RECOVERIES) {
      recoveries += 1;
      hls.recoverMediaError();
      return;
    }
    listener.fault(fromHls(trouble(data)));
  });
  hls.on(Hls.Events.MEDIA_ENDED, () => listener.ended());
  hls.loadSource(url);
  hls.attachMedia(video);

  const hasParts = () => (details?.partList?.length ?? 0) > 0;
  return {
    library: `hls.js ${Hls.version}`,
    behind: 'offered',
    form: () => (details === null ? null : lowLatency && hasParts() ? 'LL-HLS' : 'HLS'),
    latency: () => (details === null ? null : hls.latency),
    kbps: () => rate.kbps(),
    destroy: () => hls.destroy(),
  };
}

function isMendable(data: ErrorData): boolean {
  return data.type === Hls.ErrorTypes.MEDIA_ERROR && !/codec/i.test(data.details);
}

function trouble(data: ErrorData) {
  return {
    details: data.details,
    said: data.reason ?? data.error?.message ?? '',
    ...(data.response && { status: data.response.code }),
    ...(data.mimeType && { mime: data.mimeType }),
  };
}
