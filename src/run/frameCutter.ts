import { frameHeaderBytes, maxFrameBytes, frameType } from '../shared/traceFrames.ts';
import { mainThread } from '../shared/ids.ts';
import { countEvents } from '../shared/countEvents.ts';
import { eventWords } from '../shared/eventWords.ts';

/** Told of what goes by. */
export interface FrameListener {
  /** The main thread's loop has turned. */
  readonly onTurn?: () => void;
  readonly onRecord?: (payload: Uint8Array) => void;
}

/**
 * Passes the target's bytes on in whole frames only, so that the launcher's own records can stand between them, and counts
 * what goes by. An unfinished last frame is never passed on.
 */
export class FrameCutter {
  readonly #pass: (bytes: Uint8Array) => void;
  readonly #onPackedFile: (place: number) => void;
  readonly #listener: FrameListener;
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Bytes from the beginning of the held ones at which the next frame boundary that is not yet complete lies. */
  #needed = frameHeaderBytes;
  #damaged = false;
  #events = 0;
  #tasks = 0;

  /** @param onPackedFile called where a file was taken from the pack: its record is to stand there */
  constructor(pass: (bytes: Uint8Array) => void, onPackedFile: (place: number) => void = () => {}, listener: FrameListener = {}) {
    this.#pass = pass;
    this.#onPackedFile = onPackedFile;
    this.#listener = listener;
  }

  /** Events and tasks started, so far. */
  get counts(): { readonly events: number; readonly tasks: number } {
    return { events: this.#events, tasks: this.#tasks };
  }

  /** True when bytes came that no runtime of ours wrote; nothing is passed on from there. */
  get damaged(): boolean {
    return this.#damaged;
  }

  push(chunk: Uint8Array): void {
    if (this.#damaged || chunk.length === 0) return;
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return;
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#held);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    let passed = 0;
    let needed = frameHeaderBytes;
    while (bytes.length - at >= frameHeaderBytes) {
      const length = view.getUint32(at, true);
      const type = view.getUint8(at + 4);
      if (length > maxFrameBytes || view.getUint8(at + 5) !== 0 || !isKnown(type, length)) {
        this.#damaged = true;
        break;
      }
      needed = frameHeaderBytes + length;
      if (bytes.length - at < needed) break;
      const payload = bytes.subarray(at + frameHeaderBytes, at + needed);
      if (type === frameType.events) this.#count(payload, view.getUint16(at + 6, true));
      else if (type === frameType.record) this.#listener.onRecord?.(payload);
      else if (type === frameType.packedFile) {
        if (at > passed) this.#pass(bytes.subarray(passed, at));
        passed = at + needed;
        this.#onPackedFile(view.getUint32(at + frameHeaderBytes, true));
      }
      at += needed;
      needed = frameHeaderBytes;
    }
    if (at > passed) this.#pass(bytes.subarray(passed, at));
    const rest = this.#damaged ? new Uint8Array(0) : bytes.subarray(at);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
    this.#needed = needed;
  }

  #count(bytes: Uint8Array, thread: number): void {
    const words = eventWords(bytes);
    if (words === undefined) return;
    const { events, tasks, turns } = countEvents(words, 0, words.length);
    if (turns > 0 && thread === mainThread) this.#listener.onTurn?.();
    this.#events += events;
    this.#tasks += tasks;
  }
}

function isKnown(type: number, length: number): boolean {
  return type === frameType.events || type === frameType.record || (type === frameType.packedFile && length === 4);
}
