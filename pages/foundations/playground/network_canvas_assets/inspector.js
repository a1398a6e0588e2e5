// The tooltip of the unit or edge under the pointer, and weights that the user changes by hand.

const MAX_WEIGHT = 8; // the slider goes from -MAX_WEIGHT to MAX_WEIGHT

class Inspector {
  constructor(playground) {
    this.playground = playground;
    this.tip = playground.root.querySelector(".tip");
    const parts = ["what", "said", "slider", "hint"];
    Object.assign(this, Object.fromEntries(parts.map((part) => [part, this.tip.querySelector(`.${part}`)])));
    Object.assign(this.slider, { min: -MAX_WEIGHT, max: MAX_WEIGHT, step: 0.05 });
  }

  // Clear all state of the previous network.
  reset() {
    this.passes = null;
    this.resetWeights();
    this.inspect(null);
  }

  // ---- Units and edges

  // Show the tooltip of a unit or an edge at a position on the board. If pinned, it stays and has a slider.
  inspect(subject, [x, y] = [0, 0], pinned = false) {
    const { playground, tip } = this, edge = subject?.from ? subject : null;
    Object.assign(this, { subject, edge, pinned, fresh: pinned });
    playground.inspected = edge ? null : subject;
    tip.hidden = !subject;
    tip.dataset.pinned = pinned;
    this.slider.hidden = !pinned;
    const { clientWidth: width, clientHeight: height } = playground.root, wanted = pinned ? 128 : 84;
    const left = clamp(x + 12, 0, Math.max(0, width - 250)), isLow = y + 14 + wanted > height;
    const top = isLow ? Math.max(0, y - wanted - 18) : y + 14;
    Object.assign(tip.style, { left: `${left}px`, top: `${top}px` });
    playground.redraw();
  }

  updateText() {
    const { subject, edge, playground: { network, words, parameters, player } } = this;
    if (!subject) return;
    this.what.textContent = edge ? fill(words.edge, { from: edge.from.title, to: edge.to.title }) : subject.title;
    const isLast = subject.unit >= 0 && network.features.length === 1;
    const featureHint = isLast ? words.feature_last : subject.unit < 0 ? words.feature_add : words.feature_remove;
    this.hint.textContent = this.pinned ? words.close : subject.name ? featureHint : words.turn;
    if (subject.name) {
      this.said.textContent = subject.unit < 0 ? words.feature_off : words.feature_on;
      return;
    }
    this.parameter = edge ? edge.parameter : network.bias(subject.layer, subject.unit);
    const value = parameters[this.parameter];
    const gradient = this.weights ? this.gradient(this.parameter) : player.shown.gradients[this.parameter];
    const texts = { value: number(value, words.not_finite), gradient: number(gradient, words.not_finite) };
    this.said.textContent = fill(edge ? words.weight : words.bias, texts);
    Object.assign(this.tip.dataset, { value, gradient });
    this.slider.setAttribute("aria-label", this.what.textContent);
    if (this.fresh || !this.weights) this.slider.value = value;
    this.fresh = false;
  }

  // ---- Weights changed by hand, until another update is displayed

  setWeight(value) {
    this.weights ??= Float32Array.from(this.playground.player.weights());
    this.weights[this.parameter] = value;
    this.playground.redraw();
  }

  // Continue the run from this weight, if its newest weights are displayed.
  turn() {
    const { playground } = this;
    if (!playground.turnable || !playground.player.atEnd) return;
    this.turned.add(this.parameter);
    playground.component.setTriggerValue("turn", { parameter: this.parameter, value: this.weights[this.parameter] });
  }

  // Undo the changes.
  restore() {
    if (this.turned.size) this.playground.component.setTriggerValue("restore", [...this.turned]);
    this.resetWeights();
  }

  resetWeights() {
    this.weights = null;
    this.turned = new Set();
  }

  // Show the changed weights that Python has stored, after the view was created again.
  takeOver(turned) {
    if (this.weights || !turned.length) return;
    this.weights = Float32Array.from(this.playground.player.weights());
    for (const [parameter, value] of turned) this.weights[parameter] = value;
    this.turned = new Set(turned.map(([parameter]) => parameter));
  }

  // Return losses and accuracies for changed weights or noise, in the order of a snapshot; null if nothing was changed.
  measure() {
    const { noise, level, parameters } = this.playground, weights = this.weights ?? parameters;
    if (!this.weights && (noise === null || noise === level)) return null;
    this.preparePasses();
    const { network } = this.playground;
    const metrics = this.passes.map(({ pass, ys }) => {
      const { outputs } = pass.compute(weights);
      const mean = (term) => ys.reduce((sum, y, at) => sum + term(outputs[at], y), 0) / ys.length;
      const accuracy = mean((output, y) => Number(output > 0 === y > 0.5));
      return [mean((output, y) => network.lossOf(output, y)), network.classes ? accuracy : null];
    });
    const [[trainLoss, trainAccuracy], [testLoss, testAccuracy]] = metrics;
    return [trainLoss, testLoss, trainAccuracy, testAccuracy];
  }

  // Return the gradient of the training loss with respect to a weight, by central differences.
  gradient(parameter) {
    this.preparePasses();
    const { network } = this.playground, [{ pass, ys }] = this.passes, weights = Float32Array.from(this.weights);
    const [low, high] = [-0.01, 0.01].map((change) => {
      weights[parameter] = this.weights[parameter] + change;
      const { outputs } = pass.compute(weights);
      return ys.reduce((sum, y, at) => sum + network.lossOf(outputs[at], y), 0) / ys.length;
    });
    return (high - low) / 0.02;
  }

  preparePasses() {
    const { network } = this.playground, { train, test } = this.playground.movedPoints();
    this.passes ??= [train, test].map((flat) => {
      const column = (offset) => Array.from({ length: flat.length / 3 }, (_, at) => flat[3 * at + offset]);
      return { pass: new ForwardPass(network, column(0), column(1)), ys: column(2) };
    });
  }
}

// ---- Events

function listen(playground, signal) {
  const { root, parts, plot, inspector, switches, chart, own } = playground, area = root.querySelector(".board");
  const on = (target, kind, react) => target.addEventListener(kind, react, { signal });
  const positionOn = ({ clientX, clientY }) => {
    const box = area.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  // Return the unit or edge of an event, or null
  const subjectOf = (event) => {
    const button = event.target.closest(".unit");
    if (button) return playground.diagram.units.find((unit) => unit.button === button);
    if (event.target.closest("figure, fieldset, .counter, .tip, .tools, .views")) return null;
    return playground.diagram.edgeAt(...positionOn(event));
  };
  const below = (unit) => {
    const box = unit.button.getBoundingClientRect();
    return positionOn({ clientX: box.right - 12, clientY: box.bottom - 10 });
  };
  on(parts.restore, "click", () => {
    inspector.restore();
    playground.redraw();
  });
  on(playhead, "move", () => playground.followPlayhead());
  on(window, "playground-noise", ({ detail }) => playground.tryNoise(detail));
  on(parts.timeline, "input", () => playground.seek(Number(parts.timeline.value)));
  for (const button of root.querySelectorAll(".views button")) {
    on(button, "click", () => {
      root.dataset.view = button.dataset.view;
      for (const other of root.querySelectorAll(".views button")) other.setAttribute("aria-pressed", other === button);
      playground.layOut();
    });
  }
  for (const entry of parts.legend.children) {
    on(entry, "click", () => {
      chart.only = chart.only === entry.dataset.line ? null : entry.dataset.line;
      for (const other of parts.legend.children) other.setAttribute("aria-pressed", chart.only === other.dataset.line);
      playground.redraw();
    });
  }
  const read = (x) => {
    chart.pointer = x;
    playground.redraw();
  };
  on(chart.canvas, "pointermove", ({ offsetX }) => read(offsetX));
  on(chart.canvas, "pointerleave", () => read(null));
  for (const box of Object.values(switches)) {
    on(box, "change", () => {
      playground.stale = true;
      playground.redraw();
    });
  }

  on(area, "pointermove", (event) => {
    if (inspector.pinned) return;
    const subject = subjectOf(event);
    if (subject || inspector.subject) inspector.inspect(subject, subject?.button ? below(subject) : positionOn(event));
  });
  on(area, "pointerleave", () => { if (!inspector.pinned) inspector.inspect(null); });
  on(area, "focusin", (event) => {
    const subject = event.target.matches(".unit:focus-visible") ? subjectOf(event) : null;
    if (subject) inspector.inspect(subject, below(subject));
  });
  on(area, "focusout", (event) => { if (event.target.matches(".unit") && !inspector.pinned) inspector.inspect(null); });
  on(area, "click", (event) => {
    if (event.target.closest(".tip")) return;
    const subject = subjectOf(event);
    if (subject?.name) return playground.editable && playground.toggle(subject);
    inspector.inspect(subject, subject?.button ? below(subject) : positionOn(event), Boolean(subject));
    if (subject && !event.detail) inspector.slider.focus(); // a click with the keyboard
  });
  // Events on the whole page
  on(document, "keydown", ({ key }) => {
    if (key !== "Escape" || !inspector.subject) return;
    if (inspector.pinned) inspector.subject.button?.focus();
    inspector.inspect(null);
  });
  on(document, "click", (event) => {
    if (inspector.pinned && !event.composedPath().includes(area)) inspector.inspect(null);
  });
  on(inspector.slider, "input", () => inspector.setWeight(Number(inspector.slider.value)));
  on(inspector.slider, "change", () => inspector.turn());

  const point = (position) => {
    plot.pointed = position;
    playground.redraw();
  };
  on(plot.crosshair, "pointermove", (event) => {
    const position = plot.positionOf(event);
    if (playground.dragging) return playground.seek(playground.updateAt(event));
    own.extend(position);
    point(position);
  });
  on(plot.crosshair, "pointerdown", (event) => {
    const position = plot.positionOf(event);
    if (playground.seconds && event.button === 0) {
      playground.dragging = true;
      plot.crosshair.setPointerCapture(event.pointerId);
      point(null);
      return playground.seek(playground.updateAt(event));
    }
    if (event.button === 0 && own.begin(position)) plot.crosshair.setPointerCapture(event.pointerId);
    point(position);
  });
  for (const kind of ["pointerup", "pointercancel"]) on(plot.crosshair, kind, () => {
    own.end();
    playground.dragging = false;
  });
  for (const tool of root.querySelectorAll(".tool")) on(tool, "click", () => own.choose(tool.dataset.tool));
  on(root.querySelector(".clear"), "click", () => own.clear());
  on(root.querySelector(".undo"), "click", () => own.undo());
  on(plot.crosshair, "pointerleave", () => point(null));
  on(plot.crosshair, "blur", () => point(null));
  on(plot.crosshair, "keydown", (event) => {
    if (["Enter", " "].includes(event.key) && own.begin(plot.pointed)) {
      own.end();
      event.preventDefault();
    }
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!direction) return;
    event.preventDefault();
    const length = event.shiftKey ? 1 : 0.2, from = plot.pointed ?? [0, 0];
    point(from.map((at, axis) => clamp(at + direction[axis] * length, -AXIS_LIMIT, AXIS_LIMIT)));
  });
}
