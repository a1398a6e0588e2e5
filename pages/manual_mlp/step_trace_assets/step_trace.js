// The trace of one update: steps through the lines of the training loop and draws the values of each line. It plays
// automatically once, until the user interacts with it. The playhead selects the update.

const LINE_TIME = 2200; // milliseconds per line during playback
const MAX_KEPT = 12; // maximum number of traces that are kept while a run trains
const calm = matchMedia("(prefers-reduced-motion: reduce)");
// Streamlit may remount the component during playback, so the page stores the current line.
const state = (window.playgroundStepTrace ??= { hasPlayed: false, current: 0 });

class StepTrace {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    this.code = part("code");
    this.stage = part("stage");
    this.expression = part("expression");
    this.images = part("images");
    this.texts = { position: part("position"), formula: part("formula"), explanation: part("explanation"), range: part("range") };
    [this.back, this.next] = [part("back"), part("next")];
    this.digits = new Digits(part("digits"));
    this.current = state.current;
    this.events = new AbortController();
    const on = (target, event, act) => target.addEventListener(event, act, { signal: this.events.signal });
    on(root, "pointerdown", () => this.touch());
    on(root, "keydown", (event) => this.onKey(event));
    on(this.back, "click", () => this.moveTo(this.current - 1));
    on(this.next, "click", () => this.moveTo(this.current + 1));
    on(this.code, "click", (event) => this.onLine(event.target.closest("[role=option]")));
    on(playhead, "move", () => this.follow());
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.stage);
  }

  show(data) {
    this.keepTraces(data);
    this.data = data;
    this.table = colourTable(this.root);
    const { words } = data;
    this.back.textContent = `‹ ${words.back}`;
    this.next.textContent = `${words.next} ›`;
    this.code.setAttribute("aria-label", words.code);
    this.drawCode();
    this.digits.show(data.digits);
    this.current = Math.min(this.current, data.lines.length - 1);
    this.drawn = null;
    this.follow();
    if (!this.playing && !state.hasPlayed && !calm.matches) this.play();
  }

  // While a run trains, each rerun sends its latest trace. Earlier traces are kept for the playhead.
  keepTraces({ run, traces }) {
    if (run !== this.data?.run) this.traces = new Map();
    for (const trace of traces) this.traces.set(trace.step, trace);
    if (this.traces.size > MAX_KEPT) [...this.traces.keys()].forEach((step, number) => number % 2 && this.traces.delete(step));
    this.steps = [...this.traces.keys()].sort((a, b) => a - b);
  }

  drawCode() {
    const { code, skipped, lines } = this.data, text = JSON.stringify([code, skipped]);
    if (this.codeDrawn === text) return;
    this.codeDrawn = text;
    this.rows = code.map((html, number) => {
      const row = document.createElement("div"), at = lines.findIndex(({ line }) => line === number);
      row.innerHTML = html || "&nbsp;";
      row.classList.toggle("skipped", skipped.includes(number));
      if (at >= 0) {
        row.id = `line-${number}`;
        row.setAttribute("role", "option");
        row.dataset.at = at;
      } else {
        row.setAttribute("role", "presentation");
      }
      return row;
    });
    this.code.replaceChildren(...this.rows);
  }

  // Shows the last traced update at or before the playhead.
  follow() {
    if (!this.data) return;
    const { run, digits, words } = this.data, step = playhead.run === run ? playhead.step : null;
    this.trace = this.traces.get(this.steps.findLast((other) => step === null || other <= step) ?? this.steps[0]);
    if (digits) this.digits.draw(digits, step, words);
    this.draw();
  }

  draw() {
    if (this.drawn?.trace === this.trace && this.drawn.current === this.current) return;
    this.drawn = { trace: this.trace, current: this.current };
    const { data, trace: { step, values } } = this, line = data.lines[this.current];
    for (const row of this.rows) {
      const isCurrent = row.dataset.at === String(this.current);
      if (row.dataset.at) row.setAttribute("aria-selected", isCurrent);
      if (!isCurrent) continue;
      this.code.setAttribute("aria-activedescendant", row.id);
      const top = row.offsetTop - this.code.clientHeight / 2; // scrolls the code, not the page
      this.code.scrollTo({ top, behavior: this.playing && !calm.matches ? "smooth" : "auto" });
    }
    this.back.disabled = this.current === 0;
    this.next.disabled = this.current === data.lines.length - 1;
    const position = { line: this.current + 1, lines: data.lines.length, step: step.toLocaleString() };
    this.texts.position.textContent = fill(data.words.position, position);
    this.texts.formula.textContent = line.formula;
    this.texts.explanation.textContent = line.explanation;
    this.texts.explanation.setAttribute("aria-live", this.playing ? "off" : "polite");
    this.texts.range.textContent = line.results
      .filter((name) => values[name].range)
      .map((name) => (line.results.length > 1 ? `${name}: ` : "") + values[name].range)
      .join(" · ");
    const results = line.results.map((name) => this.figure(name, false));
    for (const result of results) result.classList.add("result");
    this.expression.replaceChildren(
      ...line.parts.map(([kind, text]) => (kind === "text" ? this.text(text) : this.figure(text, kind === "transposed"))),
      ...(line.parts.length ? [this.text("=")] : []),
      ...results,
    );
    this.drawImages(line.results.find((name) => values[name].images));
    this.fit();
  }

  nameOf(name) {
    return name.startsWith("updated ") ? fill(this.data.words.updated, { name: name.slice(8) }) : name;
  }

  text(text) {
    const element = document.createElement("code");
    element.textContent = text;
    return element;
  }

  figure(name, transposed) {
    const value = this.trace.values[name], figure = document.createElement("figure");
    const caption = document.createElement("figcaption"), title = document.createElement("b");
    title.textContent = transposed ? `${name}.T` : this.nameOf(name);
    if (value.number !== undefined) {
      const output = document.createElement("output");
      output.textContent = value.number;
      figure.append(output);
      caption.append(title);
    } else {
      const canvas = document.createElement("canvas"), shape = transposed ? value.shape.toReversed() : value.shape;
      paintMatrix(canvas, value, transposed, this.table);
      figure.sides = [lengthOf(shape.at(-1)), lengthOf(shape[0])];
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${title.textContent}, ${shape.join(" × ")}, ${value.range}`);
      figure.append(canvas);
      const size = document.createElement("span");
      size.textContent = shape.join(" × ");
      caption.append(title, size);
    }
    figure.append(caption);
    return figure;
  }

  drawImages(name) {
    this.images.replaceChildren();
    if (!name) return;
    const { images } = this.trace.values[name], caption = document.createElement("p"), row = document.createElement("div");
    caption.textContent = fill(name === "x" ? this.data.words.samples : this.data.words.units, { name: this.nameOf(name), ...images });
    for (let number = 0; number < images.count; number++) {
      const canvas = document.createElement("canvas");
      paintImage(canvas, images, number, this.table);
      canvas.setAttribute("aria-hidden", true);
      row.append(canvas);
    }
    this.images.append(row, caption);
  }

  // Scales all heat maps by the same factor to fit the available space.
  fit() {
    const figures = [...this.expression.querySelectorAll("figure")].filter((figure) => figure.sides);
    this.images.hidden = this.stage.clientHeight < 210;
    const imagesHeight = this.images.childElementCount && !this.images.hidden ? 86 : 0;
    const others = [...this.expression.children].filter((child) => !child.sides);
    const otherWidth = others.reduce((sum, child) => sum + child.offsetWidth, 0) + 8 * this.expression.childElementCount;
    const captions = figures.map((figure) => figure.lastChild.scrollWidth);
    const room = this.stage.clientWidth - otherWidth, highest = Math.max(...figures.map(({ sides }) => sides[1]), 1);
    const widthAt = (scale) => figures.reduce((sum, { sides }, at) => sum + Math.max(sides[0] * scale, captions[at]), 0);
    let scale = clamp((this.stage.clientHeight - 44 - imagesHeight) / highest, 0.2, 2.4);
    while (scale > 0.2 && widthAt(scale) > room) scale *= 0.97;
    for (const figure of figures) {
      const [width, height] = figure.sides.map((side) => `${Math.round(side * scale)}px`);
      Object.assign(figure.querySelector("canvas").style, { width, height });
    }
  }

  onLine(row) {
    if (row) this.moveTo(Number(row.dataset.at));
  }

  onKey(event) {
    const last = this.data.lines.length - 1;
    const to = {
      ArrowLeft: this.current - 1,
      ArrowUp: this.current - 1,
      ArrowRight: this.current + 1,
      ArrowDown: this.current + 1,
      Home: 0,
      End: last,
    }[event.key];
    this.touch();
    if (to === undefined) return;
    event.preventDefault();
    this.moveTo(to);
  }

  moveTo(current) {
    this.current = state.current = clamp(current, 0, this.data.lines.length - 1);
    this.draw();
  }

  play() {
    this.playing = setInterval(() => {
      if (this.current === this.data.lines.length - 1) this.touch();
      else this.moveTo(this.current + 1);
    }, LINE_TIME);
  }

  // Stops the playback for good, even if the user leaves this page and returns.
  touch() {
    state.hasPlayed = true;
    this.stop();
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
  }

  destroy() {
    this.stop();
    this.events.abort();
    this.sizes.disconnect();
  }
}

export default mount(".step-trace", StepTrace);
