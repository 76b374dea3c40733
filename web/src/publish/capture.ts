/** Camera, microphone and screen. */

import { type Fault, fromCapture } from '../faults';
import type { Source } from './wish';

/** The part of a browser that has them. */
export interface Devices {
  /** The page is one that may ask (W3C secure-contexts). */
  secure: boolean;
  media: Pick<MediaDevices, 'getUserMedia' | 'getDisplayMedia'> | undefined;
}

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** The browser that runs this. */
export function theseDevices(): Devices {
  return { secure: isSecureContext, media: navigator.mediaDevices };
}

/** Asks for a source; the browser asks whoever sits there. */
export async function capture(source: Source, { secure, media }: Devices): Promise<MediaStream | Fault> {
  if (!secure || !media) return { kind: 'insecure' };
  try {
    if (source === 'microphone') return await media.getUserMedia({ audio: true });
    if (source === 'camera') return await withCamera(media);
    // Phones have none.
    if (typeof media.getDisplayMedia !== 'function') return { kind: 'no-device', source };
    return await media.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
  } catch (error) {
    return fromCapture(error, source);
  }
}

/** With sound if there is a microphone. */
async function withCamera(media: Pick<MediaDevices, 'getUserMedia'>): Promise<MediaStream> {
  try {
    return await media.getUserMedia({ video: VIDEO, audio: true });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NotFoundError') throw error;
    return await media.getUserMedia({ video: VIDEO });
  }
}
