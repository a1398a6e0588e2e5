// Losses and their gradients as curves, at a draggable prediction.

class LossesView extends PlotsView {
  constructor(root) {
    super(root);
    for (const plot of this.plots) this.drags(plot, "prediction");
  }

  draw({ x, curves, axes, titles, labels, verdicts, dots }) {
    const value = this.value("prediction"), at = nearest(x, value);
    for (const [part, plot] of this.plots.entries()) {
      plot.begin({ x: axes.x, y: axes.y[part], label: labels[part], value, dark: this.dark });
      plot.marker(value);
      if (axes.y[part].low < 0) plot.level(0);
      const drawn = curves.map((curve) => ({ ...curve, y: this.points(curve, part) }));
      for (const { key, colours, dashed, y } of drawn) plot.line(...withJump(x, y), { key, colours, dashed });
      for (const { key, colours, y } of drawn.toReversed()) plot.dot(value, y[at], { key, colours, radius: 7 });
      plot.end();
      const legend = drawn.map(({ key, name, colours, dashed, y }) => ({ key, name, colours, dashed, value: number(y[at]) }));
      plot.describe({ title: titles[part], legend });
    }
    this.say(verdicts[this.index("prediction")]);
  }

  // Return the values of a curve: its losses or its gradients. The Huber loss has values for each δ.
  points({ by_delta, values }, part) {
    return by_delta ? by_delta[this.index("delta")][part] : values[part];
  }
}

// Draw a jump of the gradient from −1 to 1 as a vertical line, not as a slope between two points of the curve.
function withJump(x, y) {
  const at = y.findIndex((value, at) => value === 0 && y[at - 1] < -0.9 && y[at + 1] > 0.9);
  if (at < 0) return [x, y];
  const zero = x[at];
  return [x.toSpliced(at, 1, zero, zero), y.toSpliced(at, 1, y[at - 1], y[at + 1])];
}

export default mount(".plots", LossesView);
