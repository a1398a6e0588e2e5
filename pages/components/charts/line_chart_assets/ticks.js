// Positions of the ticks of an axis. `room` is the number of labels that fit.

const withoutNoise = (value) => Number(value.toPrecision(12));
const steps = (low, high) => Array.from({ length: Math.max(0, high - low + 1) }, (_, at) => low + at);

// Multiples of 1, 2, or 5 times a power of ten of at least `least`.
function stepOfTicks(low, high, room, least = 0) {
  const rough = (high - low) / Math.max(room, 1), power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(least, withoutNoise([1, 2, 5, 10].find((digit) => digit * power >= 0.999 * rough) * power));
}

function linearTicks(low, high, room, least = 0) {
  if (!(high > low) || !Number.isFinite(high - low)) return [];
  const step = stepOfTicks(low, high, room, least), slack = 1e-9;
  return steps(Math.ceil(low / step - slack), Math.floor(high / step + slack)).map((at) => withoutNoise(at * step));
}

// Powers of ten; also 2 and 5 times these if they fit, and multiples over a very short span.
function logTicks(low, high, room) {
  const from = Math.log10(low), to = Math.log10(high), within = (tick) => tick >= low * 0.999 && tick <= high * 1.001;
  const spacing = Math.max(1, Math.ceil((to - from) / Math.max(room, 1)));
  const powers = steps(Math.floor(from), Math.ceil(to));
  const times = (digit) => (power) => Number(`${digit}e${power}`);
  const fine = powers.flatMap((power) => [1, 2, 5].map((digit) => times(digit)(power))).filter(within);
  if (fine.length > 1 && (fine.length <= room || (to - from > 0.4 && to - from < 1.9))) return fine;
  if (to - from < 1.9) return linearTicks(low, high, room);
  return powers.filter((power) => power % spacing === 0).map(times(1)).filter(within);
}

// Removes ticks whose labels would touch the previous one. `extent` returns the start and end of a label in pixels.
function apart(ticks, extent) {
  let last = -Infinity;
  return ticks.filter((tick) => {
    const [from, to] = extent(tick);
    if (from < last) return false;
    last = to;
    return true;
  });
}
