/** WebRTC by WHEP. */

import { type Fault, codecName } from '../faults';
import { available, only, videoCodec } from '../rtc/codecs';
import type { Figures } from '../rtc/figures';
import { Peer } from '../rtc/peer';
import type { Engine, Source } from './engine';

/** Starts to load; playing is for the caller to ask for. */
export function open({ url, elsewhere, bearer, video, listener }: Source): Engine {
  const media = new MediaStream();
  const codec = videoCodec(new URL(url, location.href).searchParams.get('codec') ?? '');
  let figures: Figures | null = null;
  const flows = () => figures?.kbps !== 0;
  const prepare = (connection: RTCPeerConnection): Fault | null => {
    connection.addEventListener('track', ({ track }) => media.addTrack(track));
    connection.addTransceiver('audio', { direction: 'recvonly' });
    const picture = connection.addTransceiver('video', { direction: 'recvonly' });
    if (!codec) return null;
    const capabilities = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
    const chosen = only(codec, capabilities);
    if (!chosen) return { kind: 'rtc-codec', codec: codecName(codec), has: available(capabilities).map(codecName) };
    picture.setCodecPreferences(chosen);
    return null;
  };
  const peer = new Peer(
    { urls: [url, ...elsewhere], bearer, prepare, needs: 'one' },
    {
      connected: () => undefined,
      fault: fault => listener.fault(fault),
      figures: read => {
        figures = read;
        if (!flows()) listener.waiting();
      },
    },
  );
  video.srcObject = media;

  return {
    library: '',
    behind: 'sent',
    form: () => 'WebRTC',
    latency: () => latency(figures),
    kbps: () => figures?.kbps ?? null,
    flows,
    figures: () => figures,
    destroy: () => {
      peer.close();
      video.srcObject = null;
    },
  };
}

/** Seconds from the server to the picture: half of the round trip, and the wait for what comes late. */
function latency(figures: Figures | null): number | null {
  if (figures?.bufferMs == null) return null;
  return (figures.bufferMs + (figures.roundTripMs ?? 0) / 2) / 1000;
}
