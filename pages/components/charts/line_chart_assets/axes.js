// The axes in uPlot's format: ticks, labels, and sizes.

const SIZE_OF_TEXT = 12;
const LETTER = 6.7; // approximate pixels per letter

const widest = (labels) => LETTER * Math.max(0, ...labels.map((label) => label?.length ?? 0));

// Options of both axes. `colours` are the theme's.
function axis(chart, font) {
  return {
    font: `${SIZE_OF_TEXT}px ${font}`,
    stroke: () => chart.colours.quiet,
    incrs: (_plot, _axis, low, high) => [Math.max(high - low, 5)], // unused, but required by uPlot
    ticks: { show: false },
    border: { show: false },
    gap: 6,
    filter: (_plot, ticks) => ticks,
  };
}

function horizontalAxis(chart, font) {
  const text = (value) => (chart.wholeX ? wholeNumber(value) : shortNumber(value));
  return {
    ...axis(chart, font),
    size: 23,
    grid: { show: false },
    ticks: { show: true, size: 4, width: 1, stroke: () => chart.colours.line },
    border: { show: true, width: 1, stroke: () => chart.colours.line },
    label: chart.data.x.title,
    labelFont: `${SIZE_OF_TEXT}px ${font}`,
    labelSize: 15,
    labelGap: 1,
    splits(plot, _axis, low, high) {
      const width = plot.bbox.width / uPlot.pxRatio, { log } = chart.data.x;
      const half = (tick) => (LETTER * text(tick).length) / 2 + 5;
      const room = width / (2 * Math.max(half(low), half(high)) + 14);
      const ticks = log ? logTicks(low, high, room) : linearTicks(low, high, room, chart.wholeX ? 1 : 0);
      return apart(ticks, (tick) => {
        const at = plot.valToPos(tick, "x");
        return [at - half(tick), at + half(tick)];
      });
    },
    values: (_plot, ticks) => ticks.map(text),
  };
}

function verticalAxis(chart, font) {
  let size = 34; // it only grows, so that the lines do not move
  return {
    ...axis(chart, font),
    size(_plot, labels) {
      size = Math.max(size, Math.ceil(widest(labels ?? [])) + 10);
      return size;
    },
    grid: { show: true, width: 1, stroke: () => chart.colours.grid },
    splits(plot, _axis, low, high) {
      const { log, percent } = chart.data.y, room = plot.bbox.height / uPlot.pxRatio / 30;
      const ticks = log ? logTicks(low, high, room) : linearTicks(low, high, room, percent ? 0.001 : 0);
      return apart(ticks.toReversed(), (tick) => {
        const at = plot.valToPos(tick, "y");
        return [at - 8, at + 8];
      }).toReversed();
    },
    values(_plot, ticks) {
      if (!chart.data.y.percent) return ticks.map((tick) => shortNumber(tick, 5));
      const decimals = ticks.every((tick) => Math.abs(100 * tick - Math.round(100 * tick)) < 1e-6) ? 0 : 1;
      return ticks.map((tick) => percentage(tick, decimals));
    },
  };
}
