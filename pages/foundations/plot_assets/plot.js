// A plot with axes, curves, and a value that is draggable along the horizontal axis; and a view with two of these plots.
// Curves are identified by their `key`; the legend displays their `name`.

const MARGIN = { left: 46, right: 14, top: 8, bottom: 38 };
const FLAT = 150; // height in pixels below which the horizontal axis has no title

const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function linearTicks(low, high, pixels) {
  const rough = ((high - low) * 60) / pixels, power = 10 ** Math.floor(Math.log10(rough));
  const spacing = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.ceil(low / spacing - 1e-9), last = Math.floor(high / spacing + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * spacing).toPrecision(6)));
}

// Return a function from numbers to pixels, with its inverse. An axis has low, high, log, title, and ticks.
function scale({ low, high, log }, from, to) {
  const [transform, back] = log ? [Math.log, Math.exp] : [(value) => value, (value) => value];
  const [start, end] = [transform(low), transform(high)];
  const project = (value) => from + ((transform(value) - start) / (end - start)) * (to - from);
  project.invert = (pixel) => back(start + ((pixel - from) / (to - from)) * (end - start));
  return project;
}

class Plot {
  isolated = null; // the key of the only curve that is not faint, or null

  constructor(root, redraw) {
    this.root = root;
    for (const name of ["title", "legend", "note", "stage"]) this[name] = root.querySelector(`.${name}`);
    this.svg = root.querySelector("svg");
    this.redraw = redraw;
    this.listen();
  }

  // ---- Drawing: call begin, then draw the parts from back to front, then call end

  begin({ x, y, label, value = null, dark }) {
    const { width, height } = this.stage.getBoundingClientRect();
    Object.assign(this, { axes: { x, y }, dark, parts: [], behind: [], front: [], bare: width < 80 || height < 60 });
    this.width = Math.max(width - MARGIN.left - MARGIN.right, 10);
    this.flat = height < FLAT;
    this.height = Math.max(height - MARGIN.top - (this.flat ? 22 : MARGIN.bottom), 10);
    this.x = scale(x, 0, this.width);
    this.y = scale(y, this.height, 0);
    this.svg.setAttribute("aria-label", label);
    this.svg.toggleAttribute("data-drags", value !== null);
    this.svg.setAttribute("role", value === null ? "img" : "slider");
    if (value === null) this.svg.removeAttribute("tabindex");
    else {
      this.svg.setAttribute("tabindex", "0");
      this.svg.setAttribute("aria-valuenow", value);
      this.svg.setAttribute("aria-valuetext", number(value));
    }
  }

  colour(colours) {
    return Array.isArray(colours) ? colours[this.dark] : colours;
  }

  opacity(key, opacity = 1) {
    return this.isolated && key && key !== this.isolated ? 0.12 * opacity : opacity;
  }

  line(xs, ys, { key, colours, width = 2.5, dashed = false, opacity = 1, points = false }) {
    let path = "", pen = "M";
    const dots = [];
    for (let at = 0; at < xs.length; at++) {
      const y = ys[at] === null ? NaN : this.y(ys[at]);
      if (!Number.isFinite(y)) { pen = "M"; continue; }
      const place = `${this.x(xs[at]).toFixed(1)} ${clamp(y, -2000, 4000).toFixed(1)}`;
      path += pen + place;
      pen = "L";
      if (points) dots.push(place.split(" "));
    }
    const shade = this.colour(colours), faint = this.opacity(key, opacity);
    const dash = dashed ? ` stroke-dasharray="6 5"` : "";
    this.parts.push(`<path d="${path}" fill="none" stroke="${shade}" stroke-width="${width}" stroke-linejoin="round" opacity="${faint}"${dash}/>`);
    for (const [x, y] of dots) this.parts.push(`<circle cx="${x}" cy="${y}" r="3" fill="${shade}" opacity="${faint}"/>`);
  }

  dot(x, y, { key, colours, radius = 6, ring = false }) {
    if (!Number.isFinite(this.y(y))) return;
    const shade = this.colour(colours);
    const paint = ring ? `fill="none" stroke="${shade}" stroke-width="3"` : `fill="${shade}" class="dot"`;
    this.parts.push(`<circle cx="${this.x(x)}" cy="${this.y(y)}" r="${radius}" ${paint} opacity="${this.opacity(key)}"/>`);
  }

  bar(x, from, to, width, colours) {
    const [top, bottom] = [this.y(from), this.y(to)].sort((a, b) => a - b);
    this.parts.push(`<rect x="${this.x(x) - width / 2}" y="${top}" width="${width}" height="${Math.max(bottom - top, 2)}" rx="3" fill="${this.colour(colours)}"/>`);
  }

  shade(from, to, words) {
    const [left, right] = [this.x(from), this.x(to)];
    this.parts.push(`<rect class="shade" x="${left}" y="0" width="${right - left}" height="${this.height}"/>`);
    if (right - left > 84) this.text((left + right) / 2, this.height - 8, words, "middle");
  }

  // Draw the chosen x, with a handle at the bottom.
  marker(x) {
    const at = this.x(x);
    this.parts.push(`<line class="marker" x1="${at}" x2="${at}" y1="0" y2="${this.height}"/>`);
    this.front.push(`<circle class="handle" cx="${MARGIN.left + at}" cy="${MARGIN.top + this.height}" r="7"/>`);
  }

  level(y, words = "") {
    const at = this.y(y);
    this.parts.push(`<line class="level" x1="0" x2="${this.width}" y1="${at}" y2="${at}"/>`);
    if (words) this.text(this.width - 4, at - 4, words, "end");
  }

  // Draw text at a position in pixels.
  text(x, y, words, anchor = "start", colours = null) {
    const fill = colours ? ` style="fill:${this.colour(colours)};font-weight:600"` : "";
    this.parts.push(`<text x="${x}" y="${y}" text-anchor="${anchor}"${fill}>${escape(words)}</text>`);
  }

  end() {
    if (this.bare) return;
    const { width, height } = this;
    this.svg.innerHTML = `<g transform="translate(${MARGIN.left} ${MARGIN.top})">${this.axis()}</g>
      <svg x="${MARGIN.left}" y="${MARGIN.top}" width="${width}" height="${height}" overflow="hidden">${this.parts.join("")}</svg>
      ${this.front.join("")}`;
  }

  axis() {
    const { width, height } = this, { x, y } = this.axes, parts = [];
    let taken = -Infinity;
    for (const [at, tick] of (x.ticks ?? linearTicks(x.low, x.high, width)).entries()) {
      const place = this.x(tick), words = x.texts?.[at] ?? number(tick);
      if (place - taken < 8 + 7 * words.length) continue;
      taken = place;
      parts.push(`<text x="${place}" y="${height + 17}" text-anchor="middle">${escape(words)}</text>`);
    }
    let last = Infinity;
    for (const tick of y.ticks ?? linearTicks(y.low, y.high, 0.8 * height + 40)) {
      const place = this.y(tick);
      if (place > height + 1 || place < -1 || last - place < 14) continue;
      last = place;
      parts.push(`<line class="grid${tick === 0 ? " zero" : ""}" x1="0" x2="${width}" y1="${place}" y2="${place}"/>`);
      parts.push(`<text x="-6" y="${place + 4}" text-anchor="end">${number(tick)}</text>`);
    }
    if (!this.flat) parts.push(`<text x="${width / 2}" y="${height + 33}" text-anchor="middle">${escape(x.title)}</text>`);
    return parts.join("");
  }

  // ---- Title, legend, and note

  describe({ title, note = "", legend = [] }) {
    if (this.title.textContent !== title) this.title.textContent = this.title.title = title;
    if (this.note.textContent !== note) this.note.textContent = this.note.title = note;
    const names = JSON.stringify([legend.map(({ key, name, colours, dashed }) => [key, name, colours, dashed]), this.dark]);
    if (names !== this.names) {
      this.names = names;
      if (!legend.some(({ key }) => key === this.isolated)) this.isolated = null;
      this.legend.replaceChildren(...legend.map((entry) => this.entry(entry)));
    }
    for (const [at, { key, value }] of legend.entries()) {
      const button = this.legend.children[at].firstChild;
      button.lastChild.textContent = value ?? "";
      button.setAttribute("aria-pressed", this.isolated === key);
      button.style.opacity = this.opacity(key) < 1 ? 0.45 : 1;
    }
  }

  entry({ key, name, colours, dashed }) {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    const [sample, word, value] = ["i", "span", "b"].map((kind) => document.createElement(kind));
    sample.style.borderTop = `3px ${dashed ? "dashed" : "solid"} ${this.colour(colours)}`;
    word.textContent = name;
    button.append(sample, word, value);
    button.addEventListener("click", () => {
      this.isolated = this.isolated === key ? null : key;
      this.redraw();
    });
    item.append(button);
    return item;
  }

  // ---- Dragging: `onDrag(x, final)` gets a value on the axis, and `onKey(steps)` gets a number of steps

  listen() {
    const { svg } = this;
    const x = ({ clientX }) => this.x.invert(clientX - svg.getBoundingClientRect().left - MARGIN.left);
    svg.addEventListener("pointerdown", (event) => {
      if (!this.onDrag || event.button !== 0) return;
      svg.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.onDrag(x(event), false);
    });
    svg.addEventListener("pointermove", (event) => {
      if (event.pointerId === this.pointer) this.onDrag(x(event), false);
    });
    const end = (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      this.onDrag(event.type === "pointerup" ? x(event) : null, true);
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    svg.addEventListener("keydown", (event) => {
      const arrows = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
      const steps = { ...arrows, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }[event.key];
      if (!steps || !this.onKey) return;
      event.preventDefault();
      this.onKey(steps);
    });
  }
}

// Two plots that share their values with the sliders. A subclass draws them.
class PlotsView {
  constructor(root) {
    this.root = root;
    this.plots = [...root.querySelectorAll(".plot")].map((plot) => new Plot(plot, () => this.redraw()));
    this.verdict = root.querySelector(".verdict");
    this.events = new AbortController();
    const signal = { signal: this.events.signal };
    store.addEventListener("value", ({ detail }) => detail.group === this.data?.group && this.redraw(), signal);
    playhead.addEventListener("move", () => this.followsPlayhead && this.redraw(), signal);
    this.sizes = new ResizeObserver(() => this.redraw());
    for (const plot of this.plots) this.sizes.observe(plot.stage);
  }

  show(data) {
    this.data = data;
    adopt(data);
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim(); // reads as #rrggbb
    this.dark = Number(rgb(context.fillStyle).reduce((sum, part) => sum + part, 0) < 384); // index of the color in a [light, dark] pair
    this.root.style.setProperty("--legend-rows", data.legend_rows ?? 1);
    this.redraw();
  }

  // Draw at most once per animation frame.
  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.data && this.plots[0].stage.clientWidth) this.draw(this.data);
    });
  }

  value(name) {
    return valueOf(this.data.group, name);
  }

  // Return the index of the current value among the allowed values of the slider.
  index(name) {
    return nearest(this.data.allowed[name], this.value(name));
  }

  // Make a value draggable in a plot.
  drags(plot, name) {
    const allowed = () => this.data.allowed[name];
    plot.onDrag = (x, final) => {
      const value = x === null ? this.value(name) : allowed()[nearest(allowed(), x)];
      setValue(this.data.group, name, value, final);
    };
    plot.onKey = (steps) => {
      const at = clamp(this.index(name) + steps, 0, allowed().length - 1);
      setValue(this.data.group, name, allowed()[at], true);
    };
  }

  say(text) {
    if (this.verdict.textContent !== text) this.verdict.textContent = this.verdict.title = text;
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.events.abort();
  }
}
