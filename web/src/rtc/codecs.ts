/** Video codecs of WebRTC: by the names that `codec=` has for them, and by those of browsers. */

export const VIDEO_CODECS = ['h264', 'hevc', 'vp8', 'vp9', 'av1'] as const;
export type VideoCodec = (typeof VIDEO_CODECS)[number];

/** A codec as a browser names it. */
export interface Capability {
  mimeType: string;
}

const MIME: Record<VideoCodec, string> = {
  h264: 'video/h264',
  hevc: 'video/h265',
  vp8: 'video/vp8',
  vp9: 'video/vp9',
  av1: 'video/av1',
};

/** What goes with any codec: retransmission and forward error correction. */
const HELPERS = ['video/rtx', 'video/red', 'video/ulpfec', 'video/flexfec-03'];

/** The codec that a link, or the API, means. */
export function videoCodec(text: string): VideoCodec | null {
  const name = text.toLowerCase().replace('.', '');
  return VIDEO_CODECS.find(codec => codec === name) ?? (name === 'h265' ? 'hevc' : null);
}

/** The codecs that a browser has. */
export function available(capabilities: readonly Capability[]): VideoCodec[] {
  return VIDEO_CODECS.filter(codec => capabilities.some(one => isOf(one, codec)));
}

/** The capabilities that leave a codec alone in an offer; `null`: the browser does not have it. */
export function only<C extends Capability>(codec: VideoCodec, capabilities: readonly C[]): C[] | null {
  const own = capabilities.filter(one => isOf(one, codec));
  if (own.length === 0) return null;
  return [...own, ...capabilities.filter(one => HELPERS.includes(one.mimeType.toLowerCase()))];
}

function isOf(capability: Capability, codec: VideoCodec): boolean {
  return capability.mimeType.toLowerCase() === MIME[codec];
}
