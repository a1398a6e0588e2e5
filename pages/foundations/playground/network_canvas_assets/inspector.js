// What the reader looks at, what is said of it beside the pointer, and the weights that were turned by hand.

const TURN = 8; // weights can be turned from -TURN to TURN

class Hand {
  constructor(whole) {
    this.whole = whole;
    this.tip = whole.root.querySelector(".tip");
    const parts = ["what", "said", "slider", "hint"];
    Object.assign(this, Object.fromEntries(parts.map((part) => [part, this.tip.querySelector(`.${part}`)])));
    Object.assign(this.slider, { min: -TURN, max: TURN, step: 0.05 });
  }

  // Another network: nothing that was true of the one before.
  begin() {
    this.samples = null;
    this.let();
    this.look(null);
  }

  // ---- Units and edges

  // `subject`: a unit or an edge, looked at from a place of the board. Pinned, it stays, and can be turned.
  look(subject, [x, y] = [0, 0], pinned = false) {
    const { whole, tip } = this, edge = subject?.from ? subject : null;
    Object.assign(this, { subject, edge, pinned, fresh: pinned });
    whole.looked = edge ? null : subject;
    tip.hidden = !subject;
    tip.dataset.pinned = pinned;
    this.slider.hidden = !pinned;
    const room = Math.max(0, whole.board.root.clientWidth - 250);
    Object.assign(tip.style, { left: `${clamp(x + 12, 0, room)}px`, top: `${y + 14}px` });
    whole.redraw();
  }

  tell() {
    const { subject, edge, whole: { network, words, parameters, player } } = this;
    if (!subject) return;
    this.what.textContent = edge ? fill(words.edge, { from: edge.from.title, to: edge.to.title }) : subject.title;
    this.hint.textContent = this.pinned ? words.close : subject.name ? words.feature_click : words.turn;
    if (subject.name) {
      this.said.textContent = subject.unit < 0 ? words.feature_off : words.feature_on;
      return;
    }
    this.parameter = edge ? edge.parameter : network.bias(subject.layer, subject.unit);
    const value = parameters[this.parameter], gradient = player.shown.gradients[this.parameter];
    const said = { value: number(value, words.not_finite), gradient: number(gradient, words.not_finite) };
    this.said.textContent = fill(edge ? words.weight : words.bias, said);
    Object.assign(this.tip.dataset, { value, gradient });
    this.slider.setAttribute("aria-label", this.what.textContent);
    if (this.fresh || !this.weights) this.slider.value = value;
    this.fresh = false;
  }

  // ---- Weights that were turned by hand, until it plays on

  turn(value) {
    const { player } = this.whole;
    this.weights ??= Float32Array.from(player.weights());
    player.play(false);
    this.weights[this.parameter] = value;
    this.counted = null;
    this.whole.redraw();
  }

  let() {
    this.weights = this.counted = null;
  }

  // With those weights what Python sends with each snapshot: losses and shares of right answers, or null.
  numbers() {
    if (!this.weights) return null;
    const { network, points: { train, test } } = this.whole;
    this.samples ??= [train, test].map((flat) => {
      const column = (offset) => Array.from({ length: flat.length / 3 }, (_, at) => flat[3 * at + offset]);
      return { sample: new Sample(network, column(0), column(1)), ys: column(2) };
    });
    this.counted ??= this.samples.map(({ sample, ys }) => {
      const { outputs } = sample.compute(this.weights);
      const mean = (of) => ys.reduce((sum, y, at) => sum + of(outputs[at], y), 0) / ys.length;
      const right = mean((output, y) => Number(output > 0 === y > 0.5));
      return [mean((output, y) => network.lossOf(output, y)), network.classes ? right : null];
    });
    const [[trainLoss, trainRight], [testLoss, testRight]] = this.counted;
    return [trainLoss, testLoss, trainRight, testRight];
  }
}

// ---- Events

function listen(whole, signal) {
  const { root, parts, player, surface, hand, switches } = whole, area = root.querySelector(".board");
  const on = (target, kind, react) => target.addEventListener(kind, react, { signal });
  const placeOn = ({ clientX, clientY }) => {
    const box = area.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  // What an event is about: a unit, an edge, or null
  const subjectOf = (event) => {
    const button = event.target.closest(".unit");
    if (button) return whole.board.units.find((unit) => unit.button === button);
    return event.target.closest("figure, fieldset, .counter, .tip") ? null : whole.board.edgeAt(...placeOn(event));
  };
  const below = (unit) => {
    const box = unit.button.getBoundingClientRect();
    return placeOn({ clientX: box.right - 12, clientY: box.bottom - 10 });
  };
  on(parts.play, "click", () => {
    hand.let();
    player.play(!player.playing);
    whole.redraw();
  });
  on(parts.position, "input", () => {
    hand.let();
    player.seek(Number(parts.position.value));
    whole.redraw();
  });
  on(parts.restore, "click", () => {
    hand.let();
    whole.redraw();
  });
  for (const box of Object.values(switches)) {
    on(box, "change", () => {
      whole.stale = true;
      whole.redraw();
    });
  }

  on(area, "pointermove", (event) => {
    if (hand.pinned) return;
    const subject = subjectOf(event);
    if (subject || hand.subject) hand.look(subject, subject?.button ? below(subject) : placeOn(event));
  });
  on(area, "pointerleave", () => { if (!hand.pinned) hand.look(null); });
  on(area, "focusin", (event) => {
    const subject = event.target.matches(".unit:focus-visible") ? subjectOf(event) : null;
    if (subject) hand.look(subject, below(subject));
  });
  on(area, "focusout", (event) => { if (event.target.matches(".unit") && !hand.pinned) hand.look(null); });
  on(area, "click", (event) => {
    if (event.target.closest(".tip")) return;
    const subject = subjectOf(event);
    if (subject?.name) return whole.editable && whole.toggle(subject);
    hand.look(subject, subject?.button ? below(subject) : placeOn(event), Boolean(subject));
    if (subject && !event.detail) hand.slider.focus(); // it was the keyboard
  });
  // Wherever the focus is, and whatever else of the page is clicked
  on(document, "keydown", ({ key }) => {
    if (key !== "Escape" || !hand.subject) return;
    if (hand.pinned) hand.subject.button?.focus();
    hand.look(null);
  });
  on(document, "click", (event) => {
    if (hand.pinned && !event.composedPath().includes(area)) hand.look(null);
  });
  on(hand.slider, "input", () => hand.turn(Number(hand.slider.value)));

  const point = (place) => {
    surface.pointed = place;
    whole.redraw();
  };
  on(surface.cross, "pointermove", (event) => point(surface.placeOf(event)));
  on(surface.cross, "pointerdown", (event) => point(surface.placeOf(event)));
  on(surface.cross, "pointerleave", () => point(null));
  on(surface.cross, "blur", () => point(null));
  on(surface.cross, "keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const length = event.shiftKey ? 1 : 0.2, from = surface.pointed ?? [0, 0];
    point(from.map((at, axis) => clamp(at + way[axis] * length, -EDGE, EDGE)));
  });
}
