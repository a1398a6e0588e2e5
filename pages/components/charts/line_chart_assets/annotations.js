// Annotations of the lines: areas around them, rings, and vertical marks with labels. All sizes are in canvas pixels,
// `ratio` per page pixel.

const ROW = 14, ROWS = 6; // height of a mark's label, and maximum number of rows of labels

const inPlot = (plot, paint) => {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, uPlot.pxRatio, bbox);
  ctx.restore();
};

function paintBands(plot, bands, shade) {
  inPlot(plot, (ctx) => {
    ctx.globalAlpha = 0.18;
    for (const { name, x, low, high } of bands) {
      const whole = [...x.keys()].filter((at) => low[at] !== null && high[at] !== null);
      const across = (at) => plot.valToPos(x[at], "x", true), up = (value) => plot.valToPos(value, "y", true);
      ctx.beginPath();
      for (const at of whole) ctx.lineTo(across(at), up(high[at]));
      for (const at of whole.reverse()) ctx.lineTo(across(at), up(low[at]));
      ctx.fillStyle = shade(name);
      ctx.fill();
    }
  });
}

function paintRings(plot, dots, shade) {
  inPlot(plot, (ctx, ratio) => {
    ctx.lineWidth = 2.5 * ratio;
    for (const { name, x, y } of dots) {
      ctx.strokeStyle = shade(name);
      x.forEach((at, place) => {
        if (y[place] === null) return;
        ctx.beginPath();
        ctx.arc(plot.valToPos(at, "x", true), plot.valToPos(y[place], "y", true), 5.5 * ratio, 0, 2 * Math.PI);
        ctx.stroke();
      });
    }
  });
}

// Positions of labels in a plot of the given width: each on the side of its line with more space, in the first row
// where it does not overlap another label.
function placeLabels(positions, widths, width, gap) {
  const ends = Array.from({ length: ROWS }, () => []);
  return positions.map((position, number) => {
    const left = position > width / 2, size = widths[number];
    const from = Math.max(0, left ? position - gap - size : Math.min(position + gap, width - size));
    const free = ends.findIndex((taken) => taken.every(([start, end]) => from > end || from + size < start));
    const row = free < 0 ? number % ROWS : free;
    ends[row].push([from - 2 * gap, from + size + 2 * gap]);
    return { from, row };
  });
}

function paintMarks(plot, { marks, marksFrom }, colour, font) {
  inPlot(plot, (ctx, ratio, { left, top, width, height }) => {
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.font = `${SIZE_OF_TEXT * ratio}px ${font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const seen = marks.map((mark) => ({ ...mark, at: plot.valToPos(mark.x, "x", true) - left }))
      .filter(({ at }) => at >= -1 && at <= width + 1);
    const widths = seen.map(({ label }) => ctx.measureText(label).width);
    const places = placeLabels(seen.map(({ at }) => at), widths, width, 4 * ratio);
    seen.forEach(({ at, label }, number) => {
      ctx.beginPath();
      ctx.moveTo(left + at, top);
      ctx.lineTo(left + at, top + height);
      ctx.stroke();
      const { from, row } = places[number];
      ctx.fillText(label, left + from, top + marksFrom * height + ROW * ratio * (0.5 + row));
    });
  });
}
