import { expect, test } from 'vitest';
import { Chase } from './chase';

test('playback hurries from twice the reserve down to the reserve', () => {
  const chase = new Chase();
  const rates = [0.3, 0.5, 0.3, 0.2, 0.3].map(behind => chase.look(behind));
  expect(rates).toEqual([{ rate: 1 }, { rate: 1.2 }, { rate: 1.2 }, { rate: 1 }, { rate: 1 }]);
});

test('what piled up is skipped', () => {
  expect(new Chase().look(10)).toEqual({ skip: 9.8 });
});

test('each stall asks for more in reserve, within bounds', () => {
  const chase = new Chase();
  chase.look(0.5);
  chase.stalled();
  expect(chase.look(0.5)).toEqual({ rate: 1 });
  for (let times = 0; times < 20; times++) chase.stalled();
  expect(chase.look(5.9)).toEqual({ rate: 1 });
  expect(chase.look(6)).toEqual({ rate: 1 });
  expect(chase.look(7)).toEqual({ skip: 4 });
});
