// The trajectories of optimizers over a loss surface: a contour map and the surface in 3-D, played step by step.
// Each view is a pair of canvases: what rests (map, mesh, the whole trajectories, faint) below, what moves above.
// Inside, x and y run over the unit square; bounds only matter for numbers that people read.

const BANDS = 14; // of colour, between the lowest and the highest point
const MESH = 80; // points along each side of the surface in 3-D
const RELIEF = 0.62; // height of the surface, where half of its width is 1
const DISTANCE = 5; // of the eye from the middle of the surface
const PLAYBACK = 4000; // milliseconds for all steps
const SPEEDS = [0.25, 0.5, 1, 3];
const FEW_STEPS = 40; // each gets a dot
const MARGIN = { left: 40, right: 6, top: 6, bottom: 34 };

// From low to high: quiet enough for any line on it.
const LIGHT = { dark: 0, stops: ["#93b5cd", "#b4cddd", "#d0e0e8", "#e6edee", "#f6f4ee"], line: "#33566f", lines: 0.33 };
const DARK = { dark: 1, stops: ["#0a1830", "#112840", "#1b3a53", "#2a4d65", "#3f6074"], line: "#b9d4e2", lines: 0.22 };
Object.assign(LIGHT, { rim: "#7f9db1", halo: "#ffffff" });
Object.assign(DARK, { rim: "#5d7c8f", halo: "#0a1018" });

const inside = (x, y) => x >= 0 && x <= 1 && y >= 0 && y <= 1;

// ---- Numbers

const signed = (text) => String(text).replace("-", "−");

// As pages.components.text.number writes them.
function number(value, notFinite) {
  if (value === null) return notFinite;
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 999.5)) return String(Number(value.toPrecision(3)));
  if (size >= 1e-3 && size < 1e5) return Math.round(value).toLocaleString("en");
  const [mantissa, exponent] = value.toExponential(1).split("e");
  const raised = String(Number(exponent)).replace(/./g, (digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]);
  return `${mantissa}·10${raised}`;
}

function ticks(low, high) {
  const rough = (high - low) / 4.5, power = 10 ** Math.floor(Math.log10(rough));
  const spacing = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.ceil(low / spacing - 1e-9), last = Math.floor(high / spacing + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * spacing).toPrecision(6)));
}

// ---- The scene: what Python sent, in the coordinates of the unit square

function prepared(data) {
  const [xLow, xHigh, yLow, yHigh] = data.bounds;
  const unit = (value, low, high) => (value === null ? NaN : (value - low) / (high - low));
  const tracks = data.tracks.map((track) => ({
    ...track,
    steps: track.x.length - 1,
    x: track.x.map((value) => unit(value, xLow, xHigh)),
    y: track.y.map((value) => unit(value, yLow, yHigh)),
  }));
  const minima = data.minima.map(([x, y]) => [unit(x, xLow, xHigh), unit(y, yLow, yHigh)]);
  return { ...data, ...decoded(data), tracks, minima, aspect: clamp((yHigh - yLow) / (xHigh - xLow), 0.58, 0.72) };
}

// The heights in 0..1, and where the surface is solid (1) or has a hole (0).
function decoded({ heights, columns }) {
  const bytes = Uint8Array.from(atob(heights), (letter) => letter.charCodeAt(0));
  const sixteenBits = new Uint16Array(bytes.buffer);
  const solid = Float32Array.from(sixteenBits, (value) => (value === 65535 ? 0 : 1));
  return { solid, heights: withoutHoles(Float32Array.from(sixteenBits, (value) => value / 65534), solid, columns) };
}

// Holes take the height of their rims, ring by ring, so that what lies beside them is interpolated undisturbed.
function withoutHoles(heights, solid, columns) {
  const known = Uint8Array.from(solid);
  let holes = [...known.keys()].filter((at) => !known[at]);
  while (holes.length && holes.length < known.length) {
    const before = known.slice();
    for (const at of holes) {
      const beside = [at - columns, at + columns, at % columns ? at - 1 : -1, (at + 1) % columns ? at + 1 : -1];
      const rim = beside.filter((neighbour) => before[neighbour]);
      if (!rim.length) continue;
      heights[at] = rim.reduce((sum, neighbour) => sum + heights[neighbour], 0) / rim.length;
      known[at] = 1;
    }
    holes = holes.filter((at) => !known[at]);
  }
  return heights;
}

// For each of `size` points that span `count` entries: four entries around it and their Catmull-Rom weights.
function kernel(count, size) {
  return Array.from({ length: size }, (_, point) => {
    const at = (point * (count - 1)) / (size - 1), first = clamp(Math.floor(at), 0, count - 2), t = at - first;
    const entries = [-1, 0, 1, 2].map((offset) => clamp(first + offset, 0, count - 1));
    const weights = [t * (t * (2 - t) - 1), t * t * (3 * t - 5) + 2, t * (t * (4 - 3 * t) + 1), t * t * (t - 1)];
    return [...entries, ...weights.map((weight) => weight / 2)];
  });
}

// A field at width x height points, smooth between its entries: first along the rows, then along the columns.
function resampled(field, { rows, columns }, width, height) {
  const wide = new Float32Array(rows * width), fine = new Float32Array(height * width);
  kernel(columns, width).forEach(([a, b, c, d, p, q, r, s], x) => {
    for (let from = 0, to = x; to < wide.length; from += columns, to += width) {
      wide[to] = field[from + a] * p + field[from + b] * q + field[from + c] * r + field[from + d] * s;
    }
  });
  kernel(rows, height).forEach(([a, b, c, d, p, q, r, s], y) => {
    for (let x = 0; x < width; x++) {
      const [i, j, k, l] = [a * width + x, b * width + x, c * width + x, d * width + x];
      fine[y * width + x] = clamp(wide[i] * p + wide[j] * q + wide[k] * r + wide[l] * s, 0, 1);
    }
  });
  return fine;
}

// ---- Colours of the surface

// For each of 257 heights: its colour, and what a contour line adds to it.
function palette({ stops, line, lines }) {
  const ramp = stops.map(rgb), ink = rgb(line);
  return Float32Array.from({ length: 257 * 6 }, (_, at) => {
    const place = (Math.floor(at / 6) / 256) * (ramp.length - 1), stop = Math.min(Math.floor(place), ramp.length - 2);
    const plain = mix(ramp[stop][at % 3], ramp[stop + 1][at % 3], place - stop);
    return at % 6 < 3 ? plain : (ink[at % 3] - plain) * lines;
  });
}

// One pixel: bands, and between them a contour line half as wide as the way on which the height changes by `rise`.
function pixel(height, rise, light, opacity, colours) {
  const level = height * BANDS, nearest = Math.round(level), slope = rise * BANDS;
  const band = Math.min(Math.floor(level), BANDS - 1) + 0.5;
  const at = Math.floor((mix(band, level, 0.3) / BANDS) * 256) * 6;
  const between = nearest > 0 && nearest < BANDS && slope > 1e-4;
  // Where lines would crowd, they fade
  const line = between ? clamp(1 - Math.abs(level - nearest) / slope, 0, 1) * clamp(1.6 - slope * 2, 0.15, 1) : 0;
  const red = (colours[at] + colours[at + 3] * line) * light;
  const green = (colours[at + 1] + colours[at + 4] * line) * mix(1, light, 0.85); // shadows are bluish
  const blue = (colours[at + 2] + colours[at + 5] * line) * mix(1, light, 0.65);
  return ((opacity * 255) << 24) | (Math.min(blue, 255) << 16) | (Math.min(green, 255) << 8) | Math.min(red, 255);
}
