/** Says changes to those who listen to the page, at most one in half a minute. */

const APART_MS = 30_000;

export class Announcer {
  private readonly speak: (text: string) => void;
  private readonly beganMs = performance.now();
  private spokenMs: number | null = null;
  private timer: number | undefined;
  private next = "";
  private last = "";

  /** `speak` writes into a live region that is in the page already. */
  constructor(speak: (text: string) => void) {
    this.speak = speak;
  }

  /** How it stands; the first half minute needs no word. */
  progress(text: string): void {
    this.say(text, this.spokenMs ?? this.beganMs);
  }

  /** How it ended: at once, if nothing was said just now. */
  end(text: string): void {
    this.say(text, this.spokenMs ?? -Infinity);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  /** Say `text`, or what has replaced it until then, half a minute after `quietFromMs`. */
  private say(text: string, quietFromMs: number): void {
    this.next = text;
    clearTimeout(this.timer);
    const waitMs = quietFromMs + APART_MS - performance.now();
    if (waitMs <= 0) {
      this.utter();
    } else {
      this.timer = window.setTimeout(() => this.utter(), waitMs);
    }
  }

  private utter(): void {
    if (this.next !== this.last) {
      this.last = this.next;
      this.spokenMs = performance.now();
      this.speak(this.next);
    }
  }
}
