// Heat maps of signed bytes: blue is positive, orange negative, the background color zero, gray not finite.

const unpack = (text) => Int8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// The drawn length of a matrix dimension. Equal dimensions have equal lengths, so that matching shapes look alike.
const lengthOf = (size) => 20 + 12.5 * Math.log2(size);

function colourTable(element) {
  const { zero, positive, negative } = VALUE_COLOURS[themeOf(element)], table = new Uint8Array(256 * 3);
  for (let value = -127; value <= 127; value++) {
    const share = (Math.abs(value) / 127) ** 0.7, end = value > 0 ? positive : negative;
    for (let channel = 0; channel < 3; channel++) table[3 * (value + 128) + channel] = mix(zero[channel], end[channel], share);
  }
  table.fill(136, 0, 3);
  return table;
}

// Draws bytes (rows x columns) on a canvas, one pixel per byte, with a color table. at(row, column) is the index of a byte.
function paint(canvas, rows, columns, at, bytes, table) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  for (let row = 0, pixel = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, pixel += 4) {
      image.data.set(table.subarray(3 * (bytes[at(row, column)] + 128), 3 * (bytes[at(row, column)] + 128) + 3), pixel);
      image.data[pixel + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

function paintMatrix(canvas, value, transposed, table) {
  const [rows, columns] = value.size.length > 1 ? value.size : [1, ...value.size];
  const bytes = (value.unpacked ??= unpack(value.bytes));
  if (transposed) paint(canvas, columns, rows, (row, column) => column * columns + row, bytes, table);
  else paint(canvas, rows, columns, (row, column) => row * columns + column, bytes, table);
}

// Draws one of several images of 28 x 28 pixels.
function paintImage(canvas, images, number, table) {
  const bytes = (images.unpacked ??= unpack(images.bytes));
  paint(canvas, 28, 28, (row, column) => number * 784 + row * 28 + column, bytes, table);
}
