// Colors and heat maps. Class 0 and negative values are orange; class 1 and positive values are blue.

const LIGHT = {
  stops: ["#E58F4C", "#F3C09A", "#F9F7F4", "#97C5E2", "#4896CB"],
  points: ["#B84A00", "#00568C"], rim: "#FFFFFF", edges: ["#D55E00", "#0072B2"], none: "#8A96A3", ink: "#1C2733",
  losses: { train: "#CC79A7", test: "#1C2733", validation: "#009E73", previous: "#888888" },
};
const DARK = {
  stops: ["#C0661F", "#7A4A26", "#1A222B", "#234F72", "#2F83BF"],
  points: ["#FFB27A", "#8FD0FF"], rim: "#0D1218", edges: ["#F08A4B", "#56B4E9"], none: "#6D7A88", ink: "#E6ECF2",
  losses: { train: "#E09CC2", test: "#FFFFFF", validation: "#2FC79E", previous: "#888888" },
};
const SHADES = 256; // number of shades on each side of zero

const packed = ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red;

// Return the colors of the values from -1 to 1 as pixels, and the color of NaN.
function palette({ stops, none }) {
  const colours = stops.map(rgb);
  const shades = Uint32Array.from({ length: 2 * SHADES + 1 }, (_, at) => {
    const place = (at / (2 * SHADES)) * (stops.length - 1), stop = Math.min(Math.floor(place), stops.length - 2);
    const [from, to] = [colours[stop], colours[stop + 1]];
    return packed(from.map((part, channel) => Math.round(mix(part, to[channel], place - stop))));
  });
  const margin = Math.round(SHADES / 5); // if there are only two colors, they are weaker
  return { shades, none: packed(rgb(none)), low: shades[margin], high: shades[2 * SHADES - margin] };
}

// Return the largest finite absolute value, or 1 if there is none.
function largest(values) {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  return most || 1;
}

// Draw every `stride`th value of a grid; absolute values of at least `scale` have the full color.
function paintThumbnail(canvas, values, side, stride, scale, { shades, none }) {
  const size = Math.ceil(side / stride);
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext("2d"), image = context.createImageData(size, size);
  const pixels = new Uint32Array(image.data.buffer), factor = SHADES / scale;
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at++) {
      const shade = values[row * stride * side + column * stride] * factor + SHADES;
      pixels[at] = shade >= 0 ? shades[Math.min(shade, 2 * SHADES) | 0] : shade < 0 ? shades[0] : none;
    }
  }
  context.putImageData(image, 0, 0);
}

// Draw a grid of values from -1 to 1 with bilinear interpolation, and the line where the sign changes.
function paintSmooth(context, values, side, size, { discrete, line, ink }, { shades, none, low, high }) {
  const image = context.createImageData(size, size), pixels = new Uint32Array(image.data.buffer);
  const cell = (at) => clamp(((at + 0.5) * side) / size - 0.5, 0, side - 1.000001);
  const cells = Float64Array.from({ length: size }, (_, at) => cell(at));
  const [red, green, blue] = rgb(ink);
  for (let row = 0, at = 0; row < size; row++) {
    const top = Math.floor(cells[row]), down = cells[row] - top;
    for (let column = 0; column < size; column++, at++) {
      const left = Math.floor(cells[column]), right = cells[column] - left, from = top * side + left;
      const a = values[from], b = values[from + 1], c = values[from + side], d = values[from + side + 1];
      const value = mix(mix(a, b, right), mix(c, d, right), down);
      if (!(value - value === 0)) {
        pixels[at] = none;
        continue;
      }
      const shade = clamp(value * SHADES + SHADES, 0, 2 * SHADES) | 0;
      const pixel = discrete ? (value > 0 ? high : low) : shades[shade];
      pixels[at] = pixel;
      if (!line) continue;
      const slope = (Math.hypot(mix(b - a, d - c, down), mix(c - a, d - b, right)) * side) / size;
      const cover = slope > 1e-9 ? clamp(1.1 - Math.abs(value) / slope, 0, 1) * 0.75 : 0;
      if (cover) {
        pixels[at] = packed([
          mix(pixel & 255, red, cover), mix((pixel >> 8) & 255, green, cover), mix((pixel >> 16) & 255, blue, cover),
        ]);
      }
    }
  }
  context.putImageData(image, 0, 0);
}
