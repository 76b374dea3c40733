/** HLS by the browser itself: Safari, and every browser of old iPhones. */

import { fromMedia } from '../faults';
import type { Engine, Source } from './engine';

/** Starts to load; playing is for the caller to ask for. */
export function open({ url, video, listener }: Source): Engine {
  const aborter = new AbortController();
  const { signal } = aborter;
  const onError = () => {
    const error = video.error;
    if (!error) return;
    // The element does not tell the status that it got: ask once more.
    fetch(url, { signal, cache: 'no-store' })
      .then(({ ok, status }) => listener.fault(ok ? fromMedia(error) : { kind: 'http', status, said: '' }))
      .catch(() => signal.aborted || listener.fault({ kind: 'unreachable', said: error.message }));
  };
  video.addEventListener('error', onError, { signal });
  video.addEventListener('ended', () => listener.ended(), { signal });
  video.src = url;

  return {
    library: '',
    behind: 'offered',
    form: () => 'HLS',
    latency: () => behindEdge(video),
    kbps: () => null,
    destroy: () => {
      aborter.abort();
      video.removeAttribute('src');
      video.load();
    },
  };
}

/** Seconds behind the newest that the playlist offers. */
function behindEdge(video: HTMLVideoElement): number | null {
  const ranges = video.seekable;
  return ranges.length > 0 ? Math.max(0, ranges.end(ranges.length - 1) - video.currentTime) : null;
}
