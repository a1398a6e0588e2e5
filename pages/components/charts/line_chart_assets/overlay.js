// Moving parts over a chart that do not redraw its lines: the point under the pointer, and the playhead of the run with
// a veil over later updates.

const NARROW = 420; // plot width in pixels below which a readout would cover most of the lines

class Overlay {
  constructor(chart) {
    this.chart = chart;
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    this.hovered = null; // an x of the chart
  }

  // After a new size or a new plot
  fit(plot) {
    const { width, height } = plot.bbox;
    if (this.canvas.parentElement !== plot.over) plot.over.append(this.canvas);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
  }

  draw() {
    const { chart, context, canvas } = this, { plot } = chart;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const step = playhead.run !== null && playhead.run === chart.data.run ? playhead.step : null;
    if (step !== null) this.veil(this.across(step));
    for (const x of new Set([step, this.hovered])) if (x !== null) this.points(x);
    const { left, top, width, height } = plot.bbox, ratio = uPlot.pxRatio;
    if (chart.data.endLabels) {
      const position = (value) => (plot.valToPos(value, "y", true) - top) / ratio;
      const place = { left: (left + width) / ratio, top: top / ratio, height: height / ratio, position };
      chart.ends.show(chart.endsAt(this.hovered ?? step), place);
    } else chart.ends.hide();
    const shown = this.hovered ?? (chart.data.endLabels ? null : step);
    if (shown === null || !chart.lines.length) return chart.readout.hide();
    const room = { left: left / ratio, width: width / ratio, height: height / ratio, outer: chart.width };
    const mayCover = this.hovered !== null || room.width >= NARROW; // the playhead has passed these lines
    chart.readout.show({ ...chart.valuesAt(shown), at: this.across(shown) / ratio, room, mayCover });
  }

  across = (x) => this.chart.plot.valToPos(x, "x", true) - this.chart.plot.bbox.left;

  veil(at) {
    const { context, canvas } = this;
    context.globalAlpha = 0.75;
    context.fillStyle = this.chart.colours.ground;
    context.fillRect(at, 0, canvas.width - at, canvas.height);
    context.globalAlpha = 1;
  }

  points(x) {
    const { chart, context, canvas } = this, { plot } = chart, ratio = uPlot.pxRatio, at = this.across(x);
    context.strokeStyle = chart.colours.quiet;
    context.lineWidth = ratio;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, canvas.height);
    context.stroke();
    for (const { colour, value } of chart.valuesAt(x).rows) {
      if (value === null) continue;
      context.beginPath();
      context.arc(at, plot.valToPos(value, "y", true) - plot.bbox.top, 4 * ratio, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = chart.colours.ground;
      context.lineWidth = 1.5 * ratio;
      context.stroke();
    }
  }
}
