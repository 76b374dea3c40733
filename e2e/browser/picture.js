// The picture that tests draw and know again: five rows of eight blocks. The 32 blocks of the first four, black or white, are
// the milliseconds at which it was made, modulo 2^32, the highest bit first. The last row has the eight colours that are
// made of full red, green and blue, from black to white. Runs in a page, and sets `picture` there.
(() => {
  const COLUMNS = 8;
  const CLOCK_ROWS = 4;
  const ROWS = CLOCK_ROWS + 1;
  // Pixels of a block where it is read: a few of its middle are looked at.
  const BLOCK = 10;
  // How far from full or none a component of a colour may be.
  const TOLERANCE = 90;

  const isBit = (number, bit) => Math.floor(number / 2 ** bit) % 2 === 1;
  const colour = (column) => [2, 1, 0].map((bit) => (isBit(column, bit) ? 255 : 0));

  globalThis.picture = {
    /** Draws it over the whole canvas. */
    draw(context, made) {
      const [width, height] = [context.canvas.width / COLUMNS, context.canvas.height / ROWS];
      for (let at = 0; at < COLUMNS * ROWS; at++) {
        const [column, row] = [at % COLUMNS, Math.floor(at / COLUMNS)];
        const shade = isBit(made, 31 - at) ? 255 : 0;
        const [red, green, blue] = row < CLOCK_ROWS ? [shade, shade, shade] : colour(column);
        context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
        context.fillRect(Math.floor(column * width), Math.floor(row * height), Math.ceil(width), Math.ceil(height));
      }
    },

    /** What reads the pictures of a video: how old one is, in milliseconds, and whether its colours are right. */
    reader(video) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [COLUMNS * BLOCK, ROWS * BLOCK];
      const context = canvas.getContext('2d', { willReadFrequently: true });
      return () => {
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        const now = Date.now();
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const middle = (column, row, component) => {
          const at = (x, y) => data[((row * BLOCK + y) * canvas.width + column * BLOCK + x) * 4 + component];
          return (at(4, 4) + at(5, 4) + at(4, 5) + at(5, 5)) / 4;
        };
        let made = 0;
        for (let at = 0; at < 32; at++) {
          made = made * 2 + (middle(at % COLUMNS, Math.floor(at / COLUMNS), 1) > 127 ? 1 : 0);
        }
        let isRight = true;
        for (let column = 0; column < COLUMNS; column++) {
          for (const [component, expect] of colour(column).entries()) {
            isRight &&= Math.abs(middle(column, CLOCK_ROWS, component) - expect) <= TOLERANCE;
          }
        }
        const age = (now - made) % 2 ** 32;
        return { made, age: age < 0 ? age + 2 ** 32 : age, isRight };
      };
    },
  };
})();
