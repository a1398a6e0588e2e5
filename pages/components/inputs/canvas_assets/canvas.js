// User edits of the points, and messages to Python. A point is [x, y, class index].

const PAUSE = 120; // milliseconds between two reports while a point is dragged
const REMEMBERED = 100; // maximum number of undo steps
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

class Canvas {
  reported = -Infinity;
  pointer = null; // pointer that drags a point or has touched an empty position
  tool = "0"; // a class index, or "remove"
  past = [];

  constructor(root) {
    this.root = root;
    this.plane = new Plane(root);
    this.svg = this.plane.svg;
    for (const name of ["tools", "undo", "clear", "empty", "hint", "readout", "keys", "legend"]) {
      this[name] = root.querySelector(`.${name}`);
    }
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.plane.layOut());
    this.sizes.observe(this.svg.parentElement);
  }

  destroy() {
    clearTimeout(this.waiting);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // The points on the plane are newer than those from Python, unless Python has replaced them.
  show(data) {
    Object.assign(this, { words: data.words, classes: data.classes, most: data.most });
    this.plane.plain = !data.classes.length;
    const [width, height] = data.size;
    this.root.style.setProperty("--width", `${width}px`);
    this.root.style.setProperty("--height", `${height}px`);
    if (data.version !== this.version) this.take(data);
    this.plane.show(data);
    this.label(data);
    this.tell(data.lines);
  }

  take({ version, points }) {
    clearTimeout(this.waiting);
    this.waiting = this.pointer = this.plane.chosen = null;
    Object.assign(this, { version, past: [] });
    this.plane.points = structuredClone(points);
    this.root.dataset.version = version;
    this.tellWhetherEmpty();
  }

  label({ label, words, classes }) {
    this.svg.setAttribute("aria-label", label);
    this.tools.setAttribute("aria-label", words.tools);
    for (const part of ["undo", "clear", "empty", "keys"]) this[part].textContent = words[part];
    const names = JSON.stringify([classes, words, this.plane.dark]);
    if (names === this.names) return;
    this.names = names;
    const kinds = classes.length ? classes : [words.add];
    const offered = [...kinds.map((name, at) => [String(at), name]), ["remove", words.remove]];
    this.tools.replaceChildren(...offered.map(([value, name]) => {
      const choice = document.createElement("label"), input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "tool", value, checked: value === this.tool });
      const dot = document.createElement("i");
      if (classes.length && value !== "remove") dot.style.background = this.plane.colours[value][this.plane.dark];
      choice.append(input, dot, name);
      return choice;
    }));
    this.hint.textContent = this.tool === "remove" ? words.remove_hint : words.hint;
  }

  // Texts of the lines.
  tell(lines) {
    this.legend.replaceChildren(...lines.filter(({ name }) => name).map(({ name, note, colours, dashed }) => {
      const item = document.createElement("li");
      item.append(...["i", "b", "span"].map((kind) => document.createElement(kind)));
      item.firstChild.style.borderColor = colours[this.plane.dark];
      item.firstChild.className = dashed ? "dashed" : "";
      [item.children[1].textContent, item.children[2].textContent] = [name, note];
      return item;
    }));
  }

  tellWhetherEmpty() {
    this.root.dataset.empty = this.plane.points.length === 0;
    this.clear.setAttribute("aria-disabled", this.plane.points.length === 0);
    this.undo.setAttribute("aria-disabled", this.past.length === 0);
  }

  // Describes the position of a point, or a position without one.
  read(at, place) {
    const { words, classes, plane } = this, point = plane.points[at], [x, y] = (point ?? place).map(shown);
    const values = { x, y, at: at + 1, count: plane.points.length, name: classes[point?.[2]] };
    this.readout.textContent = fill(point ? (classes.length ? words.point_of : words.point) : words.place, values);
  }

  // ---- Messages to Python

  changed() {
    this.tellWhetherEmpty();
    this.waiting ??= setTimeout(() => this.report(), Math.max(this.reported + PAUSE - performance.now(), 0));
  }

  report() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.reported = performance.now();
    this.component.setStateValue("drawn", { version: this.version, points: this.plane.points });
  }

  // ---- Changes to the points

  remember(points = structuredClone(this.plane.points)) {
    this.past = [...this.past, points].slice(-REMEMBERED);
  }

  put(points, chosen = null) {
    this.plane.drawPoints(points, chosen);
    this.changed();
  }

  add(place) {
    const { points } = this.plane;
    if (points.length >= this.most) {
      this.readout.textContent = fill(this.words.full, { most: this.most });
      return false;
    }
    this.remember();
    this.put([...points, [...place, this.tool === "remove" ? 0 : Number(this.tool)]], points.length);
    this.read(points.length);
    return true;
  }

  move(at, place) {
    const { points } = this.plane, moved = this.plane.within(place);
    if (moved[0] === points[at][0] && moved[1] === points[at][1]) return;
    points[at] = [...moved, points[at][2]];
    this.put(points, at);
    this.read(at);
  }

  remove(at) {
    if (!this.plane.points[at]) return;
    this.remember();
    this.put(this.plane.points.filter((_, number) => number !== at));
    this.readout.textContent = "";
  }

  // ---- User input

  listen() {
    const listening = { signal: this.listening.signal, passive: false };
    const on = (target, kind, react) => target.addEventListener(kind, react, listening);
    on(this.undo, "click", () => this.goBack());
    on(this.clear, "click", () => {
      if (!this.plane.points.length) return;
      this.remember();
      this.put([]);
    });
    on(this.tools, "change", ({ target }) => {
      this.tool = target.value;
      this.root.dataset.removing = this.tool === "remove";
      this.hint.textContent = this.tool === "remove" ? this.words.remove_hint : this.words.hint;
    });
    on(this.svg, "keydown", (event) => this.key(event));
    on(this.svg, "touchstart", (event) => {
      if (this.plane.nearest(this.pixels(event.touches[0]), "touch") >= 0) event.preventDefault(); // else the page scrolls
    });
    on(this.svg, "pointerdown", (event) => this.begin(event));
    on(this.svg, "pointermove", (event) => this.follow(event));
    on(this.svg, "pointerup", (event) => this.end(event));
    on(this.svg, "pointercancel", (event) => this.end(event));
    on(this.svg, "pointerleave", () => {
      if (this.pointer === null) this.readout.textContent = "";
    });
  }

  goBack() {
    if (!this.past.length) return;
    const points = this.past.at(-1);
    this.past = this.past.slice(0, -1);
    this.pointer = null;
    delete this.root.dataset.holding;
    this.put(points);
  }

  pixels({ clientX, clientY }) {
    const { left, top } = this.svg.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  // A touch beside the points may start to scroll the page. It adds a point only if the finger is lifted at the same place.
  begin(event) {
    if (this.pointer !== null || event.button !== 0) return;
    const { plane } = this, pixels = this.pixels(event), at = plane.nearest(pixels, event.pointerType);
    if (at < 0 && (this.tool === "remove" || !plane.holds(pixels))) return;
    if (this.tool === "remove") {
      this.remove(at);
      return;
    }
    const touched = at < 0 && event.pointerType === "touch";
    if (at < 0 && !touched && !this.add(plane.place(pixels))) return;
    this.pointer = event.pointerId;
    this.held = touched ? null : at < 0 ? plane.points.length - 1 : at;
    this.before = at < 0 ? null : structuredClone(plane.points); // not yet in the undo history
    if (touched) return;
    this.svg.setPointerCapture(event.pointerId);
    const [x, y] = plane.project(plane.points[this.held]);
    this.offset = at < 0 ? [0, 0] : [x - pixels[0], y - pixels[1]];
    this.root.dataset.holding = true;
    plane.drawPoints(plane.points, this.held);
  }

  follow(event) {
    const { plane } = this, pixels = this.pixels(event);
    if (this.pointer === null) {
      const at = plane.nearest(pixels, event.pointerType);
      this.root.dataset.over = at >= 0;
      if (at >= 0 || plane.holds(pixels)) this.read(at, plane.place(pixels));
      else this.readout.textContent = "";
    } else if (event.pointerId === this.pointer && this.held !== null) {
      const before = JSON.stringify(plane.points[this.held]);
      this.move(this.held, plane.place([pixels[0] + this.offset[0], pixels[1] + this.offset[1]]));
      if (this.before && JSON.stringify(plane.points[this.held]) !== before) {
        this.remember(this.before);
        this.before = null;
        this.tellWhetherEmpty();
      }
    }
  }

  end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    delete this.root.dataset.holding;
    if (this.held === null && event.type === "pointerup") this.add(this.plane.place(this.pixels(event)));
    if (this.waiting) this.report();
  }

  key(event) {
    const { plane } = this, { points, bounds: [xLow, xHigh, yLow, yHigh] } = plane, at = plane.chosen ?? -1;
    const undoes = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    const turn = { PageDown: 1, PageUp: -1 }[event.key], step = event.shiftKey ? 10 : 50;
    if (undoes) this.goBack();
    else if (event.key === "Enter") this.add(plane.within([(xLow + xHigh) / 2, (yLow + yHigh) / 2]));
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(at);
    else if (turn && points.length) {
      const next = at < 0 ? (turn > 0 ? 0 : points.length - 1) : (at + turn + points.length) % points.length;
      plane.drawPoints(points, next);
      this.read(next);
    } else if (MOVES[event.key] && points[at]) {
      const [across, up] = MOVES[event.key], [x, y] = points[at];
      this.remember();
      this.move(at, [x + (across * (xHigh - xLow)) / step, y + (up * (yHigh - yLow)) / step]);
    } else return;
    event.preventDefault();
  }
}

export default mount(".canvas", Canvas);
