/**
 * How mpegts.js gets its bytes. Its own loaders forget what a server says when it refuses, and in Chromium leave a
 * request open that is given up while no byte comes: six of them, and the page can load nothing from that server.
 */

import mpegts from 'mpegts.js';

type Loader = InstanceType<typeof mpegts.BaseLoader>;
type LoaderClass = new () => Loader;

/** Called with the length of each piece that arrives. */
export type Meter = (bytes: number) => void;

/** Of what a server says with a refusal, no more than this is shown. Characters. */
const MOST_SAID = 200;

/** The loader for an address: HTTP or WebSocket. */
export function loaderFor(url: string, meter: Meter): LoaderClass {
  return url.startsWith('ws') ? webSocketLoader(meter) : httpLoader(meter);
}

function httpLoader(meter: Meter): LoaderClass {
  return class extends mpegts.BaseLoader {
    private readonly aborter = new AbortController();

    constructor() {
      super('weir-http');
      this._needStash = true;
    }

    override destroy(): void {
      this.abort();
      super.destroy();
    }

    override abort(): void {
      this.aborter.abort();
      this._status = mpegts.LoaderStatus.kComplete;
    }

    override open({ url }: { url: string }): void {
      this._status = mpegts.LoaderStatus.kConnecting;
      this.load(url).catch((error: unknown) => {
        if (this.aborter.signal.aborted) return;
        const errors = mpegts.LoaderErrors;
        const begun = this._status === mpegts.LoaderStatus.kBuffering;
        this.fail(begun ? errors.UNRECOVERABLE_EARLY_EOF : errors.EXCEPTION, -1, String(error));
      });
    }

    private async load(url: string): Promise<void> {
      const response = await fetch(url, { signal: this.aborter.signal, cache: 'no-store' });
      if (!response.ok || !response.body) {
        const said = (await response.text()).trim().slice(0, MOST_SAID);
        return this.fail(mpegts.LoaderErrors.HTTP_STATUS_CODE_INVALID, response.status, said);
      }
      const reader = response.body.getReader();
      let received = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (this.aborter.signal.aborted) return;
        if (done) break;
        this._status = mpegts.LoaderStatus.kBuffering;
        meter(value.byteLength);
        const at = received;
        received += value.byteLength;
        this.onDataArrival(exactly(value), at, received);
      }
      this._status = mpegts.LoaderStatus.kComplete;
      this.onComplete(0, received - 1);
    }

    private fail(type: string, code: number, msg: string): void {
      this._status = mpegts.LoaderStatus.kError;
      this.onError(type as never, { code, msg });
    }
  };
}

function webSocketLoader(meter: Meter): LoaderClass {
  return class extends mpegts.BaseLoader {
    private socket: WebSocket | null = null;

    constructor() {
      super('weir-websocket');
      this._needStash = true;
    }

    override destroy(): void {
      this.abort();
      super.destroy();
    }

    override abort(): void {
      const socket = this.socket;
      this.socket = null;
      socket?.close();
      this._status = mpegts.LoaderStatus.kComplete;
    }

    override open({ url }: { url: string }): void {
      this._status = mpegts.LoaderStatus.kConnecting;
      const socket = new WebSocket(url);
      this.socket = socket;
      socket.binaryType = 'arraybuffer';
      let received = 0;
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (this.socket !== socket || !(data instanceof ArrayBuffer)) return;
        this._status = mpegts.LoaderStatus.kBuffering;
        meter(data.byteLength);
        const at = received;
        received += data.byteLength;
        this.onDataArrival(data, at, received);
      };
      socket.onclose = ({ code, reason }) => {
        if (this.socket !== socket) return;
        this.socket = null;
        // A handshake that was refused ends the same way; browsers keep the status to themselves.
        if (received > 0) return this.end(received);
        this._status = mpegts.LoaderStatus.kError;
        this.onError(mpegts.LoaderErrors.EXCEPTION as never, { code, msg: reason || `WebSocket ${code}` });
      };
    }

    private end(received: number): void {
      this._status = mpegts.LoaderStatus.kComplete;
      this.onComplete(0, received - 1);
    }
  };
}

/** The buffer of a piece, which must hold nothing else. */
function exactly(piece: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = piece;
  const whole = byteOffset === 0 && byteLength === buffer.byteLength;
  return whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}
