/** The token of the API (`http_api.auth.token`), as somebody typed it: for as long as the tab is open. */

/** The part of `sessionStorage` that is needed. */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'weir.token';

/**
 * - `none`: the API did not ask for one
 * - `asked`: it does
 * - `wrong`: it does, and the one that it got was not right
 */
export type TokenState = 'none' | 'asked' | 'wrong';

/** Keeps a token until it is refused. */
export class Token {
  state: TokenState = 'none';
  private given: string | null;

  /** Without a `store`, it is gone when the page is. */
  constructor(private readonly store: Store | null = null) {
    this.given = this.quietly(() => store?.getItem(KEY) ?? null);
  }

  /** What to send. */
  get value(): string | null {
    return this.given;
  }

  give(text: string): void {
    this.given = text.trim() || null;
    if (this.given !== null) this.quietly(() => this.store?.setItem(KEY, text.trim()));
  }

  /** The API refused a request with `sent`. */
  refused(sent: string | null): void {
    // Meanwhile there may be another one.
    if (sent !== this.given) return;
    if (sent === null) {
      if (this.state === 'none') this.state = 'asked';
      return;
    }
    this.given = null;
    this.state = 'wrong';
    this.quietly(() => this.store?.removeItem(KEY));
  }

  accepted(): void {
    this.state = 'none';
  }

  /** A browser may forbid pages to keep anything. */
  private quietly<T>(act: () => T): T | null {
    try {
      return act();
    } catch {
      return null;
    }
  }
}
