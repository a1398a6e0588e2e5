// Losses and their gradients as curves, both at a prediction that can be dragged.

class LossesView extends PlotsView {
  constructor(root) {
    super(root);
    for (const plot of this.plots) this.drags(plot, "prediction");
  }

  draw({ x, curves, axes, titles, labels, notes, verdicts, dots }) {
    const value = this.value("prediction"), at = nearest(x, value);
    for (const [part, plot] of this.plots.entries()) {
      plot.begin({ x: axes.x, y: axes.y[part], label: labels[part], value, dark: this.dark });
      plot.marker(value);
      if (axes.y[part].low < 0) plot.level(0);
      const drawn = curves.map((curve) => ({ ...curve, y: this.points(curve, part) }));
      for (const { name, colours, dashed, y } of drawn) plot.line(...withJump(x, y), { name, colours, dashed });
      for (const { name, colours, y } of drawn.toReversed()) plot.dot(value, y[at], { name, colours, radius: 7 });
      plot.end();
      const legend = drawn.map(({ name, colours, dashed, y }) => ({ name, colours, dashed, value: number(y[at]) }));
      plot.describe({ title: titles[part], note: notes[part], legend });
    }
    this.say(verdicts[this.index("prediction")]);
  }

  // A curve's values: loss or gradient; one curve has them for each δ.
  points({ by_delta, values }, part) {
    return by_delta ? by_delta[this.index("delta")][part] : values[part];
  }
}

// A gradient that changes its sign at once is drawn as a jump, not as a slope between two points of the curve.
function withJump(x, y) {
  const at = y.findIndex((value, at) => value === 0 && y[at - 1] < -0.9 && y[at + 1] > 0.9);
  if (at < 0) return [x, y];
  const zero = x[at];
  return [x.toSpliced(at, 1, zero, zero), y.toSpliced(at, 1, y[at - 1], y[at + 1])];
}

export default mount(".plots", LossesView);
