// The lines of a chart: converts columns from Python to arrays for uPlot.

const columns = ({ name, title, dashed, ...texts }) => ({
  name, title, dashed, ...Object.fromEntries(Object.entries(texts).map(([column, text]) => [column, JSON.parse(text)])),
});

// The data from Python with columns as arrays.
function readLines({ lines, bands, dots }) {
  return { lines: lines.map(columns), bands: bands.map(columns), dots: dots.map(columns) };
}

// A common x for all lines, as uPlot requires. Values are undefined without a point and null in a gap.
function aligned(lines, [low, high]) {
  if (!lines.some(({ x }) => x.length)) return [[low, high], ...lines.map(() => [null, null])];
  return uPlot.join(lines.map(({ x, y }) => [x, y]));
}

// The lowest and the highest of all values.
function extent({ lines, bands, dots }) {
  let low = Infinity, high = -Infinity;
  const arrays = [...lines, ...dots].map(({ y }) => y).concat(bands.flatMap((band) => [band.low, band.high]));
  for (const values of arrays) {
    for (const value of values) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { low, high };
}

// Indices of points that no line segment shows: points between two gaps, or all points if there are `few`.
function lonePoints(values, few) {
  const known = [...values.keys()].filter((at) => values[at] !== undefined);
  if (few) return known.filter((at) => values[at] !== null);
  const gap = (at) => at === undefined || values[at] === null;
  return known.filter((at, place) => !gap(at) && gap(known[place - 1]) && gap(known[place + 1]));
}

// The index of the number nearest to x in a sorted array.
function nearest(sorted, x) {
  let low = 0, high = sorted.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= x) low = middle;
    else high = middle;
  }
  return Math.abs(sorted[high] - x) < Math.abs(sorted[low] - x) ? high : low;
}

// The value of a line at x, interpolated linearly; null in a gap and beyond its ends.
function valueAt({ x: positions, y }, x, axes) {
  if (!positions.length || x < positions[0] || x > positions.at(-1)) return null;
  const near = nearest(positions, x);
  if (positions[near] === x) return y[near];
  const [from, to] = positions[near] < x ? [near, near + 1] : [near - 1, near];
  if (y[from] === null || y[to] === null) return null;
  const [place, height] = [axes.x.log ? Math.log : Number, axes.y.log ? Math.log : Number];
  const share = (place(x) - place(positions[from])) / (place(positions[to]) - place(positions[from]));
  const value = mix(height(y[from]), height(y[to]), share);
  return axes.y.log ? Math.exp(value) : value;
}
