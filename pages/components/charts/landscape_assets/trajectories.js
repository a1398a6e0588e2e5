// ---- Trajectories: polylines inside the unit square. t is the fractional step. No line leads to points with a lift.

// Splits every step into up to `pieces` pieces per width of the square, so that its line follows the surface.
function clipped({ x, y }, pieces) {
  const path = { t: [], x: [], y: [], lift: [] };
  const add = (k, share, lift) => {
    path.t.push(k + share);
    path.x.push(share ? mix(x[k], x[k + 1], share) : x[k]);
    path.y.push(share ? mix(y[k], y[k + 1], share) : y[k]);
    path.lift.push(lift);
  };
  if (inside(x[0], y[0])) add(0, 0, true);
  for (let k = 0; k + 1 < x.length; k++) {
    const dx = x[k + 1] - x[k], dy = y[k + 1] - y[k], [from, to] = within(x[k], y[k], dx, dy);
    if (!(from <= to)) continue; // outside, or not finite
    if (path.t.at(-1) !== k + from) add(k, from, true);
    const count = Math.ceil(Math.hypot(dx, dy) * (to - from) * pieces) || 1;
    for (let piece = 1; piece <= count; piece++) add(k, piece < count ? mix(from, to, piece / count) : to, false);
  }
  return path;
}

// The part of a line inside the unit square (Liang and Barsky, 1984), as fractions of the line.
function within(x, y, dx, dy) {
  let from = 0, to = 1;
  for (const [speed, room] of [[-dx, x], [dx, 1 - x], [-dy, y], [dy, 1 - y]]) {
    if (isNaN(speed) || (speed === 0 && room < 0)) return [1, 0];
    if (speed < 0) from = Math.max(from, room / speed);
    if (speed > 0) to = Math.min(to, room / speed);
  }
  return [from, to];
}

const drawable = (path, k) => k > 0 && !path.lift[k] && !path.hidden[k] && !path.hidden[k - 1];

// Number of path points reached at a step.
function reached({ t }, step) {
  let low = 0, high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Canvas position of the path at a fractional step; null if hidden or outside.
function position(path, step) {
  const next = reached(path, step), last = next - 1;
  if (next < path.t.length && drawable(path, next)) {
    const share = (step - path.t[last]) / (path.t[next] - path.t[last]);
    return [mix(path.px[last], path.px[next], share), mix(path.py[last], path.py[next], share)];
  }
  const rests = last >= 0 && !path.hidden[last] && (path.t[last] === step || path.t[last] === path.track.steps);
  return rests ? [path.px[last], path.py[last]] : null;
}

function trace(context, path, step = Infinity) {
  const next = reached(path, step);
  context.beginPath();
  for (let k = 0; k < next; k++) context[drawable(path, k) ? "lineTo" : "moveTo"](path.px[k], path.py[k]);
  if (next < path.t.length && drawable(path, next)) context.lineTo(...position(path, step));
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
