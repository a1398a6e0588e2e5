// The ranges of the axes.

const MARGIN = 0.04; // fraction of the values' span, above and below
const HEAD_ROOM = 0.8; // fraction of the span on the side where values left the range

// The vertical range. For shares, it is 0 to 1, or starts at `from`. It stays the same while the values of a run fit, so
// that a chart is stable during training: the range grows about three times.
function verticalRange({ low, high, before, log, percent, from }) {
  if (percent) return [from ?? 0, 1];
  if (!(low <= high)) return before ?? (log ? [0.1, 1] : [0, 1]);
  const position = log ? Math.log10 : Number, [least, most] = [position(low), position(high)];
  const [floor, top] = before ? before.map(position) : [null, null];
  if (before && least >= floor && most <= top) return before;
  let span = most - least;
  if (span < 1e-9 * Math.max(Math.abs(most), 1e-300)) span = log ? 0.5 : Math.abs(most) || 1;
  const margin = (grown) => (grown ? Math.max(HEAD_ROOM * span, log ? 1 : 0) : MARGIN * span);
  let bottom = least - (low === high ? span / 2 : margin(before && least < floor));
  let end = most + (low === high ? span / 2 : margin(before && most > top));
  if (log) return [10 ** bottom, 10 ** end].map((value) => clamp(value, 1e-307, 1e307));
  const step = stepOfTicks(bottom, end, 10);
  [bottom, end] = [Math.floor(bottom / step) * step, Math.ceil(end / step) * step].map(withoutNoise);
  if (low >= 0 && (low < high / 2 || (before && least < floor))) bottom = 0;
  if (low >= 0) bottom = Math.max(bottom, 0);
  return [from ?? bottom, end];
}

// The horizontal range: all values, and at least up to `end`.
function horizontalRange(values, { log, end }) {
  let low = Infinity, high = end ?? -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === Infinity) low = log ? 1 : 0;
  if (high > low) return [low, high];
  return log ? [low / 2, low * 2] : [low, low + 1];
}
