// The ways of optimizers over a loss surface: a contour map and the surface in 3-D, played step by step.
// Each view is a pair of canvases: what rests (map, mesh, the whole ways, faint) below, what moves above.
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

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const mix = (from, to, share) => from + (to - from) * share;
const inside = (x, y) => x >= 0 && x <= 1 && y >= 0 && y <= 1;
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

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
  return { ...data, ...decoded(data), tracks, minima, aspect: clamp((yHigh - yLow) / (xHigh - xLow), 0.6, 1) };
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

// ---- Ways: polylines inside the unit square. t is the step, with fractions; no line leads to points with a lift.

// Every step in up to `pieces` pieces for the width of the square, so that its line can follow the surface.
function clipped({ x, y }, pieces) {
  const way = { t: [], x: [], y: [], lift: [] };
  const add = (k, share, lift) => {
    way.t.push(k + share);
    way.x.push(share ? mix(x[k], x[k + 1], share) : x[k]);
    way.y.push(share ? mix(y[k], y[k + 1], share) : y[k]);
    way.lift.push(lift);
  };
  if (inside(x[0], y[0])) add(0, 0, true);
  for (let k = 0; k + 1 < x.length; k++) {
    const dx = x[k + 1] - x[k], dy = y[k + 1] - y[k], [from, to] = within(x[k], y[k], dx, dy);
    if (!(from <= to)) continue; // outside, or not finite
    if (way.t.at(-1) !== k + from) add(k, from, true);
    const count = Math.ceil(Math.hypot(dx, dy) * (to - from) * pieces) || 1;
    for (let piece = 1; piece <= count; piece++) add(k, piece < count ? mix(from, to, piece / count) : to, false);
  }
  return way;
}

// The part of a line that lies inside the unit square (Liang and Barsky, 1984), as shares of it.
function within(x, y, dx, dy) {
  let from = 0, to = 1;
  for (const [speed, room] of [[-dx, x], [dx, 1 - x], [-dy, y], [dy, 1 - y]]) {
    if (isNaN(speed) || (speed === 0 && room < 0)) return [1, 0];
    if (speed < 0) from = Math.max(from, room / speed);
    if (speed > 0) to = Math.min(to, room / speed);
  }
  return [from, to];
}

const drawable = (way, k) => k > 0 && !way.lift[k] && !way.hidden[k] && !way.hidden[k - 1];

// How many points of the way are reached at a step.
function reached({ t }, step) {
  let low = 0, high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Where on the canvas the way is at a step, also between two; null where it is hidden or outside.
function position(way, step) {
  const next = reached(way, step), last = next - 1;
  if (next < way.t.length && drawable(way, next)) {
    const share = (step - way.t[last]) / (way.t[next] - way.t[last]);
    return [mix(way.px[last], way.px[next], share), mix(way.py[last], way.py[next], share)];
  }
  const rests = last >= 0 && !way.hidden[last] && (way.t[last] === step || way.t[last] === way.track.steps);
  return rests ? [way.px[last], way.py[last]] : null;
}

function trace(context, way, step = Infinity) {
  const next = reached(way, step);
  context.beginPath();
  for (let k = 0; k < next; k++) context[drawable(way, k) ? "lineTo" : "moveTo"](way.px[k], way.py[k]);
  if (next < way.t.length && drawable(way, next)) context.lineTo(...position(way, step));
}

// ---- Marks

function stroked(context, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function filled(context, colour, halo) {
  if (halo) stroked(context, halo, 3);
  context.fillStyle = colour;
  context.fill();
}

function circle(context, at, radius) {
  context.beginPath();
  context.arc(...at, radius, 0, 2 * Math.PI);
}

function drawStart(context, at, look) {
  circle(context, at, 7);
  stroked(context, look.halo, 4.5);
  stroked(context, look.text, 1.6);
  circle(context, at, 2.6);
  filled(context, look.text);
}

function drawStar(context, [x, y], look) {
  context.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const radius = corner % 2 ? 3.7 : 8.7, angle = (corner * Math.PI) / 5;
    context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle));
  }
  context.closePath();
  filled(context, look.text, look.halo);
}

function drawCross(context, [x, y], colour, halo) {
  context.beginPath();
  for (const side of [-5, 5]) {
    context.moveTo(x - 5, y - side);
    context.lineTo(x + 5, y + side);
  }
  stroked(context, halo, 6);
  stroked(context, colour, 2.6);
}

// ---- What both views do. A view projects points of the square: to x and y on the canvas, and whether it is hidden.

class View {
  outlines = [];

  constructor(figure) {
    this.stage = figure.querySelector(".stage");
    [this.base, this.top] = figure.querySelectorAll("canvas");
  }

  show(scene) {
    this.scene = scene;
    this.ways = scene.tracks.map((track) => ({ ...clipped(track, this.pieces), track }));
  }

  resize(width, height, ratio) {
    Object.assign(this, { width, height, ratio });
    this.stage.style.height = `${height}px`;
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
  }

  cleared(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.lineJoin = context.lineCap = "round";
    context.font = `12px ${this.look.font}`;
    context.fillStyle = this.look.quiet;
    return context;
  }

  // What rests, on the ground that a view has drawn: the whole ways, the minima and the common start.
  drawResting(context) {
    const { look, ways, outlines, scene } = this;
    for (const way of [...ways, ...outlines]) {
      const points = way.t.map((_, k) => this.project(way.x[k], way.y[k]));
      [way.px, way.py, way.hidden] = [0, 1, 2].map((part) => points.map((point) => point[part]));
      trace(context, way);
      context.globalAlpha = way.track ? 0.4 : 1;
      stroked(context, way.track ? way.track.colours[look.dark] : look.rim, way.track ? 1.3 : 1);
    }
    context.globalAlpha = 1;
    scene.minima.forEach((minimum) => this.mark(context, drawStar, minimum));
    scene.tracks.slice(0, 1).forEach(({ x, y }) => this.mark(context, drawStart, [x[0], y[0]]));
  }

  mark(context, draw, [x, y]) {
    if (!inside(x, y)) return;
    const [px, py, hidden] = this.project(x, y);
    if (!hidden) draw(context, [px, py], this.look);
  }

  drawMoving(step, steps) {
    const context = this.cleared(this.top), { look, ways } = this;
    for (const way of ways) {
      const colour = way.track.colours[look.dark];
      trace(context, way, step);
      context.globalAlpha = 0.85;
      stroked(context, look.halo, 5);
      context.globalAlpha = 1;
      stroked(context, colour, 2.4);
      if (steps <= FEW_STEPS) this.drawSteps(context, way, step, colour);
    }
    for (const way of ways) this.drawHead(context, way, step, way.track.colours[look.dark]);
    if (this.picked) this.mark(context, drawStart, this.picked);
  }

  drawSteps(context, way, step, colour) {
    for (let k = 0; k < reached(way, step); k++) {
      if (!Number.isInteger(way.t[k]) || way.hidden[k]) continue;
      circle(context, [way.px[k], way.py[k]], 2.8);
      filled(context, colour);
    }
  }

  drawHead(context, way, step, colour) {
    const here = position(way, step), last = way.t.length - 1;
    if (way.track.end && step >= way.track.steps) {
      if (last >= 0 && !way.hidden[last]) drawCross(context, [way.px[last], way.py[last]], colour, this.look.halo);
    } else if (here) {
      circle(context, here, 5.5);
      filled(context, colour, this.look.halo);
    }
  }
}

class MapView extends View {
  pieces = 0;

  resize(width, ratio) {
    this.inner = width - MARGIN.left - MARGIN.right;
    this.tall = Math.round(this.inner * this.scene.aspect);
    super.resize(width, this.tall + MARGIN.top + MARGIN.bottom, ratio);
  }

  project(x, y) {
    return [MARGIN.left + x * this.inner, MARGIN.top + (1 - y) * this.tall, false];
  }

  // The point of the square under the pointer, or null beside the map.
  pointed(event) {
    const box = this.top.getBoundingClientRect();
    const x = (event.clientX - box.left - MARGIN.left) / this.inner;
    const y = 1 - (event.clientY - box.top - MARGIN.top) / this.tall;
    return inside(x, y) ? [x, y] : null;
  }

  named([x, y]) {
    const [xLow, xHigh, yLow, yHigh] = this.scene.bounds;
    return [mix(xLow, xHigh, x), mix(yLow, yHigh, y)];
  }

  drawBase() {
    const context = this.cleared(this.base), device = (length) => Math.round(length * this.ratio);
    context.putImageData(this.bands(device(this.inner), device(this.tall)), device(MARGIN.left), device(MARGIN.top));
    this.drawAxes(context);
    this.drawResting(context);
  }

  bands(width, height) {
    const heights = resampled(this.scene.heights, this.scene, width, height);
    const solid = resampled(this.scene.solid, this.scene, width, height);
    const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer);
    const reach = Math.max(0.75 * this.ratio, 0.9); // half of a line's width
    for (let y = 0, at = 0; y < height; y++) {
      const below = y > 0 ? -width : width, row = (height - 1 - y) * width;
      for (let x = 0; x < width; x++, at++) {
        const rise = Math.hypot(heights[x > 0 ? at - 1 : at + 1] - heights[at], heights[at + below] - heights[at]);
        const opacity = clamp((solid[at] - 0.5) * 6 + 0.5, 0, 1);
        pixels[row + x] = pixel(heights[at], rise * reach, 1, opacity, this.look.colours);
      }
    }
    return image;
  }

  drawAxes(context) {
    const { bounds: [xLow, xHigh, yLow, yHigh], words } = this.scene;
    const [left, bottom] = this.project(0, 0), [middleX, middleY] = this.project(0.5, 0.5);
    context.strokeStyle = this.look.border;
    context.strokeRect(left - 0.5, MARGIN.top - 0.5, this.inner + 1, this.tall + 1);
    context.textAlign = "center";
    for (const x of ticks(xLow, xHigh)) {
      const [at] = this.project((x - xLow) / (xHigh - xLow), 0);
      context.fillText(signed(x), Math.min(at, this.width - 8), bottom + 16);
    }
    context.fillText(words.x, middleX, bottom + 30);
    context.textAlign = "right";
    for (const y of ticks(yLow, yHigh)) {
      const [, at] = this.project(0, (y - yLow) / (yHigh - yLow));
      context.fillText(signed(y), left - 7, Math.max(at + 4, 11));
    }
    context.textAlign = "left";
    context.fillText(words.y, 2, middleY + 4);
  }
}

// ---- The surface in 3-D: triangles with a depth for each pixel, which also tells what of a way is hidden

class SurfaceView extends View {
  pieces = 40;
  outlines = [clipped({ x: [0, 1, 1, 0, 0], y: [0, 0, 1, 1, 0] }, MESH - 1)];
  turn = -0.5; // around the vertical; at 0 it is seen as on the map
  tilt = 0.98; // 0 from the side, a quarter circle from above
  sheet = document.createElement("canvas");

  show(scene) {
    super.show(scene);
    this.heights = resampled(scene.heights, scene, MESH, MESH);
    this.solid = resampled(scene.solid, scene, MESH, MESH);
    this.light = this.heights.map((_, at) => this.lightAt(at % MESH, Math.floor(at / MESH)));
  }

  resize(width, height, ratio) {
    super.resize(width, height, ratio);
    const diagonal = Math.hypot(1, this.scene.aspect);
    this.scale = Math.min(width / 2.2, height / 2.05) / diagonal;
  }

  // Brightness of a mesh point, by the angle between its normal and the light from the west.
  lightAt(column, row) {
    const height = (x, y) => this.heights[clamp(y, 0, MESH - 1) * MESH + clamp(x, 0, MESH - 1)];
    const slope = (RELIEF * (MESH - 1)) / 4;
    const dx = (height(column + 1, row) - height(column - 1, row)) * slope;
    const dy = ((height(column, row + 1) - height(column, row - 1)) * slope) / this.scene.aspect;
    return 0.76 + (0.28 * (0.6 * dx - 0.3 * dy + 0.74)) / Math.hypot(dx, dy, 1);
  }

  // A point in the space over the unit square: where it is on the canvas, and how far away.
  seen(x, y, height) {
    const { turn, tilt, scene } = this, up = (height - 0.5) * RELIEF;
    const east = 2 * x - 1, north = (2 * y - 1) * scene.aspect;
    const across = east * Math.cos(turn) - north * Math.sin(turn);
    const back = east * Math.sin(turn) + north * Math.cos(turn);
    const depth = back * Math.cos(tilt) - up * Math.sin(tilt), near = (DISTANCE / (DISTANCE + depth)) * this.scale;
    const above = up * Math.cos(tilt) + back * Math.sin(tilt);
    return [this.width / 2 + across * near, this.height * 0.47 - above * near, depth];
  }

  project(x, y) {
    const [px, py, depth] = this.seen(x, y, this.between(this.heights, x, y));
    const nearest = this.depths[Math.floor(py * this.fine) * this.image.width + Math.floor(px * this.fine)];
    return [px, py, depth > nearest + 0.05 || this.between(this.solid, x, y) < 0.5];
  }

  between(field, x, y) {
    const cell = (share) => Math.min(Math.floor(share * (MESH - 1)), MESH - 2), column = cell(x), row = cell(y);
    const right = x * (MESH - 1) - column, over = y * (MESH - 1) - row, at = row * MESH + column;
    return mix(mix(field[at], field[at + 1], right), mix(field[at + MESH], field[at + MESH + 1], right), over);
  }

  // Twice as fine as the page while it rests, which smooths the edges; coarser while it turns.
  drawBase(turning) {
    this.fine = turning ? 1 : 2;
    this.drawMesh();
    const context = this.cleared(this.base), { image, sheet, fine } = this;
    this.drawFloor(context);
    Object.assign(sheet, { width: image.width, height: image.height });
    sheet.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingQuality = "high";
    context.drawImage(sheet, 0, 0, image.width / fine, image.height / fine);
    this.drawResting(context);
  }

  drawFloor(context) {
    const { words } = this.scene, side = (x, y) => this.seen(x, y, 0).slice(0, 2);
    context.beginPath();
    for (const [x, y] of [[0, 0], [1, 0], [1, 1], [0, 1]]) context.lineTo(...side(x, y));
    context.closePath();
    stroked(context, this.look.border, 1);
    context.textAlign = "center";
    context.fillText(words.x, ...side(0.5, Math.cos(this.turn) > 0 ? -0.07 : 1.07));
    context.fillText(words.y, ...side(Math.sin(this.turn) > 0 ? -0.07 : 1.07, 0.5));
  }

  drawMesh() {
    const width = Math.ceil(this.width * this.fine), height = Math.ceil(this.height * this.fine);
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = new ImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.depths = new Float32Array(width * height);
    }
    this.pixels.fill(0);
    this.depths.fill(Infinity);
    const points = Array.from(this.heights, (height, at) => {
      const [x, y, depth] = this.seen((at % MESH) / (MESH - 1), Math.floor(at / MESH) / (MESH - 1), height);
      return { x: x * this.fine, y: y * this.fine, depth, height, light: this.light[at], solid: this.solid[at] };
    });
    for (let at = 0; at < MESH * (MESH - 1); at++) {
      if (at % MESH === MESH - 1) continue;
      this.drawTriangle(points[at], points[at + 1], points[at + MESH]);
      this.drawTriangle(points[at + MESH + 1], points[at + MESH], points[at + 1]);
    }
  }

  drawTriangle(a, b, c) {
    const abX = b.x - a.x, abY = b.y - a.y, acX = c.x - a.x, acY = c.y - a.y, area = abX * acY - abY * acX;
    if (area === 0 || Math.max(a.solid, b.solid, c.solid) < 0.5) return;
    const { width, height } = this.image, abHeight = b.height - a.height, acHeight = c.height - a.height;
    const first = (...places) => Math.max(Math.ceil(Math.min(...places) - 0.5), 0);
    const left = first(a.x, b.x, c.x), right = Math.min(Math.max(a.x, b.x, c.x) - 0.5, width - 1);
    const top = first(a.y, b.y, c.y), bottom = Math.min(Math.max(a.y, b.y, c.y) - 0.5, height - 1);
    const slope = Math.hypot(abHeight * acY - acHeight * abY, acHeight * abX - abHeight * acX) / Math.abs(area);
    const side = area > 0 ? 0.72 : 1; // the underside is darker
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const dx = x + 0.5 - a.x, dy = y + 0.5 - a.y;
        const toB = (dx * acY - dy * acX) / area, toC = (dy * abX - dx * abY) / area;
        if (toB < -1e-6 || toC < -1e-6 || toB + toC > 1 + 1e-6) continue;
        const at = y * width + x, depth = a.depth + toB * (b.depth - a.depth) + toC * (c.depth - a.depth);
        const solid = a.solid + toB * (b.solid - a.solid) + toC * (c.solid - a.solid);
        if (depth >= this.depths[at] || solid < 0.5) continue;
        this.depths[at] = depth;
        const light = (a.light + toB * (b.light - a.light) + toC * (c.light - a.light)) * side;
        const surface = a.height + toB * abHeight + toC * acHeight;
        this.pixels[at] = pixel(surface, slope * 0.7 * this.fine, light, 1, this.look.colours);
      }
    }
  }
}

// ---- The whole: what is played, the controls, the frames

class Landscape {
  constructor(root) {
    this.root = root;
    const parts = ["play", "position", "step", "speed", "legend", "readout"];
    this.parts = Object.fromEntries(parts.map((part) => [part, root.querySelector(`.${part}`)]));
    this.map = new MapView(root.querySelector(".map"));
    this.surface = new SurfaceView(root.querySelector(".surface"));
    this.stale = new Set();
    this.tick = this.tick.bind(this);
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    clearTimeout(this.waiting);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // Nothing begins again where only the theme has changed, or nothing at all.
  show(data) {
    const news = data.id !== this.id;
    if (news) this.begin(data);
    this.recolour();
    this.layOut();
    if (news) this.play(this.step < this.steps);
  }

  begin(data) {
    const scene = prepared(data);
    this.id = data.id;
    this.words = data.words;
    this.tracks = data.tracks;
    this.steps = Math.max(0, ...scene.tracks.map((track) => track.steps));
    this.step = matchMedia("(prefers-reduced-motion: reduce)").matches ? this.steps : 0;
    this.width = this.map.picked = null;
    for (const view of [this.map, this.surface]) {
      view.show(scene);
      view.top.setAttribute("aria-label", data.alt);
    }
    this.label();
  }

  label() {
    const { play, position, speed, legend } = this.parts, { words } = this;
    const [mapHint, surfaceHint] = this.root.querySelectorAll(".hint");
    mapHint.textContent = words.pick;
    surfaceHint.textContent = words.turn;
    position.setAttribute("aria-label", words.position);
    speed.setAttribute("aria-label", words.speed);
    const chosen = speed.value || "1";
    speed.replaceChildren(...SPEEDS.map((factor) => new Option(fill(words.factor, { factor }), factor)));
    speed.value = chosen;
    position.max = this.steps;
    position.disabled = play.disabled = this.steps === 0;
    legend.replaceChildren(...this.tracks.map((track) => this.legendRow(track)));
  }

  legendRow({ name, end }) {
    const row = Object.assign(document.createElement("li"), { className: "track" });
    for (const [className, textContent] of Object.entries({ swatch: "", name, loss: "", end: end ?? "" })) {
      row.append(Object.assign(document.createElement("span"), { className, textContent }));
    }
    return row;
  }

  recolour() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const context = this.map.base.getContext("2d");
    context.fillStyle = theme("background-color"); // reads back as #rrggbb
    const brightness = rgb(context.fillStyle).reduce((sum, part) => sum + part), look = brightness < 384 ? DARK : LIGHT;
    const quiet = getComputedStyle(this.parts.readout).color;
    const fromTheme = { text: theme("text-color"), border: theme("border-color"), quiet, font: style.fontFamily };
    this.map.look = this.surface.look = { ...look, ...fromTheme, colours: palette(look) };
    this.tracks.forEach(({ colours }, at) => {
      this.parts.legend.children[at].firstChild.style.background = colours[look.dark];
    });
    this.redraw("map", "surface");
  }

  layOut() {
    const width = this.map.stage.clientWidth, ratio = Math.min(devicePixelRatio, 3);
    if (!this.id || !width || (width === this.width && ratio === this.map.ratio)) return;
    this.width = width;
    this.map.resize(width, ratio);
    this.surface.resize(this.surface.stage.clientWidth, this.map.height, ratio);
    this.redraw("map", "surface");
  }

  // ---- Frames: only while something moves

  redraw(...stale) {
    for (const view of stale) this.stale.add(view);
    this.frame ??= requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.frame = null;
    if (!this.width) return; // not laid out yet
    if (this.playing) this.advance(now);
    for (const view of this.stale) this[view].drawBase(this.turning);
    this.stale.clear();
    for (const view of [this.map, this.surface]) view.drawMoving(this.step, this.steps);
    this.tell();
    if (this.playing) this.redraw();
  }

  play(on) {
    if (on && this.step >= this.steps) this.step = 0;
    this.playing = on;
    this.before = null;
    this.root.dataset.playing = on;
    this.parts.play.textContent = on ? this.words.pause : this.words.play;
    this.redraw();
  }

  advance(now) {
    const passed = Math.min(now - (this.before ?? now), 100); // a tab in the background misses nothing
    this.before = now;
    this.step = Math.min(this.step + (passed / PLAYBACK) * this.steps * this.parts.speed.value, this.steps);
    if (this.step >= this.steps) this.play(false);
  }

  tell() {
    const step = Math.floor(this.step), { position, legend } = this.parts;
    const text = fill(this.words.step, { step, steps: this.steps });
    this.parts.step.textContent = text;
    position.value = step;
    position.setAttribute("aria-valuetext", text);
    this.tracks.forEach(({ loss }, at) => {
      const last = loss.length - 1, value = number(loss[Math.min(step, last)], this.words.not_finite);
      legend.children[at].querySelector(".loss").textContent = fill(this.words.loss, { loss: value });
      legend.children[at].classList.toggle("ended", step >= last);
    });
  }

  // ---- What the reader does

  listen() {
    const { parts: { play, position }, map, surface } = this;
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    on(play, "click", () => this.play(!this.playing));
    on(position, "input", () => {
      this.step = Number(position.value);
      this.play(false);
    });
    for (const canvas of [map.top, surface.top]) on(canvas, "pointerdown", (event) => { this.pressed = event; });
    on(map.top, "click", (event) => this.pick(event));
    on(map.top, "pointermove", (event) => this.read(map.pointed(event)));
    on(map.top, "pointerleave", () => this.read(null));
    on(surface.top, "pointerdown", (event) => surface.top.setPointerCapture(event.pointerId));
    on(surface.top, "pointermove", (event) => {
      if (!event.buttons) return;
      this.rotate((event.clientX - this.pressed.clientX) * 0.01, (event.clientY - this.pressed.clientY) * 0.01);
      this.pressed = event;
    });
    on(surface.top, "keydown", (event) => {
      const way = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
      if (!way) return;
      event.preventDefault();
      this.rotate(...way);
    });
  }

  // Scrolling with a finger, or dragging, is no pick. Until the answer is here, the map shows what was picked.
  pick(event) {
    const point = this.map.pointed(event), { clientX, clientY } = this.pressed ?? event;
    if (!point || Math.hypot(event.clientX - clientX, event.clientY - clientY) > 5) return;
    this.component.setTriggerValue("pick", this.map.named(point));
    this.map.picked = point;
    this.redraw();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.map.picked = null;
      this.redraw();
    }, 2000);
  }

  read(point) {
    const [xLow, xHigh, yLow, yHigh] = this.map.scene.bounds;
    const rounded = (value, range) => signed(value.toFixed(clamp(2 - Math.floor(Math.log10(range)), 0, 8)));
    const [x, y] = this.map.named(point ?? [0, 0]);
    const text = fill(this.words.point, { x: rounded(x, xHigh - xLow), y: rounded(y, yHigh - yLow) });
    this.parts.readout.textContent = point ? text : "";
  }

  rotate(turn, tilt) {
    this.surface.turn = (this.surface.turn + turn) % (2 * Math.PI);
    this.surface.tilt = clamp(this.surface.tilt + tilt, 0.15, 1.5);
    this.turning = true;
    this.redraw("surface");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.turning = false;
      this.redraw("surface");
    }, 150);
  }
}

// Streamlit calls this for new data or a new theme without ending what was before, ends only the newest call when the
// element goes, and a call that was overtaken while the module loaded at once. So an element keeps one landscape, and
// only the newest call may end it.
const landscapes = new WeakMap();

export default function (component) {
  const { data, parentElement } = component, root = parentElement.querySelector(".landscape");
  let landscape = landscapes.get(parentElement);
  if (landscape?.root !== root) {
    landscape?.destroy();
    landscape = new Landscape(root);
    landscapes.set(parentElement, landscape);
  }
  landscape.component = component;
  landscape.show(data);
  return () => {
    if (landscape.component !== component) return;
    landscape.destroy();
    landscapes.delete(parentElement);
  };
}
