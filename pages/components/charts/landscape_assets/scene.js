// Optimizer trajectories on a loss surface: a contour map, the loss at each step, and the surface in 3-D.
// Each view is a pair of canvases: static parts (map, mesh, faint trajectories) below, moving parts above.
// Internally, x and y are in the unit square. The bounds matter only for displayed numbers.

const BANDS = 14; // number of color bands between the lowest and the highest point
const MESH = 80; // points along each side of the surface in 3-D
const RELIEF = 0.62; // height of the surface, relative to half of its width
const DISTANCE = 5; // distance of the eye from the middle of the surface
const PLAYBACK = 4000; // milliseconds for all steps
const SPEEDS = [0.25, 0.5, 1, 3];
const FEW_STEPS = 40; // with at most this many steps, each step gets a dot
const MARGIN = { left: 40, right: 6, top: 6, bottom: 34 }; // margins around the map
const MAX_ZOOM = 16;

// From low to high: pale enough for any line on it.
const LIGHT = { dark: 0, stops: ["#93b5cd", "#b4cddd", "#d0e0e8", "#e6edee", "#f6f4ee"], line: "#33566f", lines: 0.33 };
const DARK = { dark: 1, stops: ["#0a1830", "#112840", "#1b3a53", "#2a4d65", "#3f6074"], line: "#b9d4e2", lines: 0.22 };
Object.assign(LIGHT, { rim: "#7f9db1", halo: "#ffffff" });
Object.assign(DARK, { rim: "#5d7c8f", halo: "#0a1018" });

const inside = (x, y) => x >= 0 && x <= 1 && y >= 0 && y <= 1;

// ---- Axes

function ticks(low, high) {
  const rough = (high - low) / 4.5, power = 10 ** Math.floor(Math.log10(rough));
  const spacing = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.ceil(low / spacing - 1e-9), last = Math.floor(high / spacing + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * spacing).toPrecision(6)));
}

// ---- The scene: a surface with trajectories, in the coordinates of the unit square

const surfaces = (window.playgroundSurfaces ??= Object.assign(new EventTarget(), { byId: new Map() }));

// A prepared surface, kept while only the trajectories change.
function preparedSurface(data) {
  const [xLow, xHigh, yLow, yHigh] = data.bounds;
  const bytes = Uint8Array.from(atob(data.losses), (letter) => letter.charCodeAt(0));
  const losses = new Float32Array(bytes.buffer), { low, high, scale } = data, range = high - low || 1;
  const solid = losses.map((loss) => (isNaN(loss) ? 0 : 1));
  const heights = losses.map((loss) => {
    const gap = clamp((loss - low) / range, 0, 1); // as Relief.height
    return isNaN(gap) ? 0 : scale === null ? gap : Math.log1p(gap / scale) / Math.log1p(1 / scale);
  });
  const surface = { ...data, losses, solid, heights: withoutHoles(heights, solid, data.columns) };
  surface.minima = data.minima.map((point) => toUnit(surface, point));
  surface.aspect = clamp((yHigh - yLow) / (xHigh - xLow), 0.58, 0.72);
  return surface;
}

const unitOf = (value, low, high) => (value === null ? NaN : (value - low) / (high - low));
const toUnit = ({ bounds: [xLow, xHigh, yLow, yHigh] }, [x, y]) => [unitOf(x, xLow, xHigh), unitOf(y, yLow, yHigh)];
const fromUnit = ({ bounds: [xLow, xHigh, yLow, yHigh] }, [x, y]) => [mix(xLow, xHigh, x), mix(yLow, yHigh, y)];

function preparedTracks(tracks, chips, { bounds: [xLow, xHigh, yLow, yHigh] }) {
  return tracks.map((track) => ({
    ...track,
    colours: chips.find(({ name }) => name === track.name).colours,
    steps: track.x.length - 1,
    x: track.x.map((value) => unitOf(value, xLow, xHigh)),
    y: track.y.map((value) => unitOf(value, yLow, yHigh)),
  }));
}

// Loss and gradient at a point of the unit square, interpolated from the losses around it; null if undefined.
function lossAndGradient({ losses, rows, columns, bounds: [xLow, xHigh, yLow, yHigh] }, [x, y]) {
  const [across, up] = [x * (columns - 1), y * (rows - 1)];
  const left = clamp(Math.floor(across), 0, columns - 2), below = clamp(Math.floor(up), 0, rows - 2);
  const [a, b] = [cubic(across - left), cubic(up - below)], result = [0, 0, 0];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      const at = clamp(below + row - 1, 0, rows - 1) * columns + clamp(left + column - 1, 0, columns - 1);
      result[0] += losses[at] * a.weights[column] * b.weights[row];
      result[1] += losses[at] * a.slopes[column] * b.weights[row];
      result[2] += losses[at] * a.weights[column] * b.slopes[row];
    }
  }
  const [loss, dx, dy] = result;
  const gradient = [(dx * (columns - 1)) / (xHigh - xLow), (dy * (rows - 1)) / (yHigh - yLow)];
  return [loss, ...gradient].every(isFinite) ? { loss, gradient } : null;
}

// Catmull-Rom weights of four consecutive entries and their derivatives, at a fraction t between the middle two.
const cubic = (t) => ({
  weights: [t * (t * (2 - t) - 1), t * t * (3 * t - 5) + 2, t * (t * (4 - 3 * t) + 1), t * t * (t - 1)].map((w) => w / 2),
  slopes: [t * (4 - 3 * t) - 1, t * (9 * t - 10), t * (8 - 9 * t) + 1, t * (3 * t - 2)].map((w) => w / 2),
});

// Fills holes with the height of their rims, ring by ring, so that interpolation beside them is unaffected.
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

// For each of `size` points in a part of `count` entries: the four entries around it and their Catmull-Rom weights.
function kernel(count, size, [low, high]) {
  return Array.from({ length: size }, (_, point) => {
    const at = mix(low, high, point / (size - 1)) * (count - 1), first = clamp(Math.floor(at), 0, count - 2);
    return [...[-1, 0, 1, 2].map((offset) => clamp(first + offset, 0, count - 1)), ...cubic(at - first).weights];
  });
}

// Interpolates a field smoothly at width x height points of a part of the square, rows first.
function resampled(field, { rows, columns }, width, height, part = [0, 1, 0, 1]) {
  const wide = new Float32Array(rows * width), fine = new Float32Array(height * width);
  kernel(columns, width, part.slice(0, 2)).forEach(([a, b, c, d, p, q, r, s], x) => {
    for (let from = 0, to = x; to < wide.length; from += columns, to += width) {
      wide[to] = field[from + a] * p + field[from + b] * q + field[from + c] * r + field[from + d] * s;
    }
  });
  kernel(rows, height, part.slice(2)).forEach(([a, b, c, d, p, q, r, s], y) => {
    for (let x = 0; x < width; x++) {
      const [i, j, k, l] = [a * width + x, b * width + x, c * width + x, d * width + x];
      fine[y * width + x] = clamp(wide[i] * p + wide[j] * q + wide[k] * r + wide[l] * s, 0, 1);
    }
  });
  return fine;
}

// ---- Colors of the surface

// For each of 257 heights: its color, and the color change of a contour line.
function palette({ stops, line, lines }) {
  const ramp = stops.map(rgb), contour = rgb(line);
  return Float32Array.from({ length: 257 * 6 }, (_, at) => {
    const place = (Math.floor(at / 6) / 256) * (ramp.length - 1), stop = Math.min(Math.floor(place), ramp.length - 2);
    const plain = mix(ramp[stop][at % 3], ramp[stop + 1][at % 3], place - stop);
    return at % 6 < 3 ? plain : (contour[at % 3] - plain) * lines;
  });
}

// One pixel: bands with contour lines, which are half as wide as the distance over which the height changes by `rise`.
function pixel(height, rise, light, opacity, colours) {
  const level = height * BANDS, nearest = Math.round(level), slope = rise * BANDS;
  const band = Math.min(Math.floor(level), BANDS - 1) + 0.5;
  const at = Math.floor((mix(band, level, 0.3) / BANDS) * 256) * 6;
  const between = nearest > 0 && nearest < BANDS && slope > 1e-4;
  // Crowded lines fade
  const line = between ? clamp(1 - Math.abs(level - nearest) / slope, 0, 1) * clamp(1.6 - slope * 2, 0.15, 1) : 0;
  const red = (colours[at] + colours[at + 3] * line) * light;
  const green = (colours[at + 1] + colours[at + 4] * line) * mix(1, light, 0.85); // shadows are bluish
  const blue = (colours[at + 2] + colours[at + 5] * line) * mix(1, light, 0.65);
  return ((opacity * 255) << 24) | (Math.min(blue, 255) << 16) | (Math.min(green, 255) << 8) | Math.min(red, 255);
}
