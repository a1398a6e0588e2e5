// An activation function and its derivative at a draggable input, and the gradients in ten layers for this input.

class ActivationView extends PlotsView {
  constructor(root) {
    super(root);
    this.drags(this.plots[0], "x");
  }

  draw(data) {
    this.drawFunction(data, this.plots[0]);
    this.drawChain(data, this.plots[1]);
  }

  drawFunction({ words, names, colours, x, f, slope, saturated, y_axis, max_slope }, plot) {
    const at = this.index("x"), value = x[at], { dark } = this;
    plot.begin({ x: { low: x[0], high: x.at(-1), title: words.input }, y: y_axis, label: words.drag, value, dark });
    for (const [from, to] of saturated) plot.shade(from, to, words.saturated);
    plot.marker(value);
    plot.line(x, f, { key: "output", colours: colours.output });
    plot.line(x, slope, { key: "slope", colours: colours.slope });
    const ends = [value - 1.5, value + 1.5];
    plot.line(ends, ends.map((end) => f[at] + slope[at] * (end - value)), { colours: colours.same, dashed: true, width: 2 });
    for (const z of this.chain()?.inputs ?? []) {
      if (Math.abs(z) <= x.at(-1)) plot.dot(z, f[nearest(x, z)], { colours: colours.same, radius: 3.5 });
    }
    plot.dot(value, slope[at], { key: "slope", colours: colours.slope });
    plot.dot(value, f[at], { key: "output", colours: colours.output, radius: 8 });
    plot.end();
    const share = Math.abs(slope[at]) / max_slope;
    plot.describe({
      title: fill(words.function, { name: names[0], x: number(value) }),
      note: share < 0.1 ? words.is_saturated : fill(words.share, { share: `${Math.round(100 * share)}%` }),
      legend: [
        { key: "output", name: names[0], colours: colours.output, value: number(f[at]) },
        { key: "slope", name: names[1], colours: colours.slope, value: number(slope[at]) },
      ],
    });
  }

  // The server sends the chains for all inputs at one weight, and for one input at all weights.
  chain() {
    const { chains } = this.data, [x, w] = [this.value("x"), this.value("w")];
    if (w === chains.w) this.last = chains.by_x[this.index("x")];
    else if (x === chains.x) this.last = chains.by_w[this.index("w")];
    return this.last ?? chains.by_x[this.index("x")];
  }

  drawChain({ words, colours, gradient_axis, bounds }, plot) {
    const { gradients } = this.chain(), count = gradients.length, first = Math.abs(gradients[0]), { dark } = this;
    const ticks = gradients.map((_, at) => at);
    const texts = ticks.map((at) => (at ? String(at) : words.first));
    plot.begin({
      x: { low: -0.7, high: count - 0.3, title: words.layer, ticks, texts },
      y: gradient_axis,
      label: fill(words.chain_label, { first: number(first) }),
      dark,
    });
    plot.level(1);
    const width = Math.min(30, (0.7 * plot.width) / count);
    for (const [at, gradient] of gradients.entries()) {
      const size = Math.abs(gradient), kind = size < 1 ? "less" : size > 1 ? "more" : "same";
      if (size) plot.bar(at, 1, Math.max(size, gradient_axis.low), width, colours[kind]);
      else plot.text(plot.x(at), plot.y(1) + 16, "0", "middle");
    }
    plot.end();
    const verdict = !first ? "zero" : first < bounds[0] ? "vanishes" : first > bounds[1] ? "explodes" : "survives";
    plot.describe({
      title: fill(words.chain, { w: number(this.value("w")) }),
      note: fill(words.verdicts[verdict], { first: number(first), share: `${number(100 * first)}%` }),
      legend: [
        { key: "gradient", name: words.gradient, colours: colours[!first || first < 1 ? "less" : first > 1 ? "more" : "same"], value: number(first) },
      ],
    });
  }
}

export default mount(".plots", ActivationView);
