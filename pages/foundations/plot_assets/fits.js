// The fits to all datasets at the chosen capacity, and the errors at all capacities.

const SCALE = 1000, NOT_FINITE = -32768; // encoding of the fits' values

class FitsView extends PlotsView {
  followsPlayhead = true;
  decoded = new WeakMap();

  constructor(root) {
    super(root);
    this.drags(this.plots[1], "capacity");
  }

  // Keep the earlier frames of a run, so that a run in training can be scrubbed.
  show(data) {
    const frames = new Map();
    if (data.run && data.run === this.data?.run) for (const frame of this.data.frames) frames.set(frame.step, frame);
    for (const frame of data.frames) frames.set(frame.step, frame);
    super.show({ ...data, frames: [...frames.values()].sort((a, b) => a.step - b.step) });
  }

  draw(data) {
    const frame = this.current(data);
    this.drawFits(data, frame, this.plots[0]);
    this.drawErrors(data, frame, this.plots[1]);
    this.say(frame.verdict);
  }

  // Return the frame at the playhead, or the last frame before the playhead.
  current({ run, frames }) {
    const step = playhead.run === run ? playhead.step : null;
    return (step !== null && frames.findLast((frame) => frame.step <= step)) || frames.at(-1);
  }

  fits(frame) {
    if (!this.decoded.has(frame)) {
      const bytes = Uint8Array.from(atob(frame.fits), (sign) => sign.charCodeAt(0));
      this.decoded.set(frame, Float32Array.from(new Int16Array(bytes.buffer), (value) => (value === NOT_FINITE ? NaN : value / SCALE)));
    }
    return this.decoded.get(frame);
  }

  drawFits({ words, colours, grid, true_curve, points, axes }, frame, plot) {
    const capacity = this.index("capacity"), set = this.value("data_set") - 1, sets = points.length;
    const all = this.fits(frame), n = grid.length;
    const fit = (at) => all.subarray((capacity * sets + at) * n, (capacity * sets + at + 1) * n);
    plot.begin({ x: axes.x, y: axes.y, label: words.fits_label, dark: this.dark });
    for (let at = 0; at < sets; at++) {
      if (at !== set) plot.line(grid, fit(at), { key: "others", colours: colours.variance, width: 1, opacity: 0.4 });
    }
    plot.line(grid, true_curve, { key: "true_curve", colours: colours.test, dashed: true, width: 2 });
    plot.line(grid, fit(set), { key: "fit", colours: colours.variance, width: 3.5 });
    for (const [x, y] of points[set]) plot.dot(x, y, { colours: colours.test, radius: points[set].length > 60 ? 3 : 4.5 });
    plot.end();
    plot.describe({
      title: frame.titles[capacity],
      legend: [
        { key: "fit", name: words.fit, colours: colours.variance },
        ...(sets > 1 ? [{ key: "others", name: words.others, colours: colours.others }] : []),
        { key: "true_curve", name: words.true_curve, colours: colours.test, dashed: true },
      ],
    });
  }

  drawErrors({ words, colours, error_axes, allowed, lines, noise }, frame, plot) {
    const capacities = allowed.capacity, at = this.index("capacity");
    const x = error_axes.x, y = error_axes.y;
    plot.begin({ x, y, label: words.errors_label, value: capacities[at], dark: this.dark });
    const all = [
      ...["train", "validation", "test"].map((key, row) => ({ key, name: words[key], colours: colours[key], y: frame.errors[row] })),
      ...lines.map(({ name, errors }, at) => ({ key: `baseline_${at}`, name, colours: "#888888", dashed: true, y: errors })),
    ];
    plot.marker(capacities[at]);
    if (noise > y.low) plot.level(noise, words.noise);
    const floored = (errors) => errors.map((error) => (error === null ? null : Math.max(error, y.low)));
    for (const line of all.toReversed()) plot.line(capacities, floored(line.y), { ...line, points: capacities.length < 20 });
    for (const line of all) plot.dot(capacities[at], Math.max(line.y[at] ?? NaN, y.low), line);
    if (frame.errors[1][frame.best] !== null) {
      plot.dot(capacities[frame.best], frame.errors[1][frame.best], { colours: colours.validation, radius: 9, ring: true });
    }
    if (frame.underfits) plot.text(6, 14, words.underfits, "start", colours.bias);
    if (frame.overfits) plot.text(plot.width - 6, 14, words.overfits, "end", colours.variance);
    plot.end();
    plot.describe({
      title: words.errors,
      legend: all.map(({ key, name, colours, dashed, y }) => ({ key, name, colours, dashed, value: number(y[at] ?? NaN) })),
    });
  }
}

export default mount(".plots", FitsView);
