import { expect, test } from 'vitest';
import { Token } from './token';

function memory() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test('a token is kept until it is refused', () => {
  const store = memory();
  const token = new Token(store);
  expect([token.value, token.state]).toEqual([null, 'none']);
  token.refused(null);
  expect(token.state).toBe('asked');
  token.give(' right\n');
  expect(new Token(store).value).toBe('right');
  token.accepted();
  expect(token.state).toBe('none');
  token.refused('right');
  expect([token.value, token.state, store.kept.size]).toEqual([null, 'wrong', 0]);
  // What is asked without one afterwards does not take the word back.
  token.refused(null);
  expect(token.state).toBe('wrong');
});

test('an answer to what was asked before says nothing of the token', () => {
  const token = new Token();
  token.give('new');
  token.refused(null);
  token.refused('old');
  expect([token.value, token.state]).toEqual(['new', 'none']);
  token.give('  ');
  expect(token.value).toBeNull();
});

test('a browser that keeps nothing still sends it', () => {
  const never = () => {
    throw new DOMException('no', 'SecurityError');
  };
  const token = new Token({ getItem: never, setItem: never, removeItem: never });
  token.give('right');
  expect(token.value).toBe('right');
});
