// A square drawing pad. Points are fractions of its side, with x to the right and y down.

const PAUSE = 170; // milliseconds between two reports during a stroke
const NEAREST = 0.004; // a point closer to the previous point is ignored

const rounded = (value) => Math.round(clamp(value, 0, 1) * 1000) / 1000;

class Pad {
  reported = -Infinity;

  constructor(root) {
    this.root = root;
    const parts = { canvas: "canvas", hint: ".hint", picture: ".picture", undo: ".undo", clear: ".clear", pens: ".pens" };
    for (const [name, selector] of Object.entries(parts)) this[name] = root.querySelector(selector);
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(this.canvas);
  }

  destroy() {
    clearTimeout(this.waiting);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // The drawing on the pad is newer than the drawing from Python, unless Python has replaced it.
  show(data) {
    this.label(data);
    this.most = data.most;
    const isFirst = this.version === undefined;
    this.key = `pad/${data.name}`;
    if (data.version !== this.version) this.take(data);
    if (isFirst && !data.version && !data.strokes.length) this.restore();
    const ink = getComputedStyle(this.canvas).color;
    if (ink !== this.ink) {
      this.ink = ink;
      this.draw();
    }
    this.layOut();
  }

  label({ label, size, picture, words }) {
    this.root.style.setProperty("--size", `${size}px`);
    this.root.classList.toggle("prefilled", Boolean(picture));
    if (picture !== this.shown) this.picture.style.maskImage = picture ? `url(${picture})` : "";
    this.shown = picture;
    this.canvas.setAttribute("aria-label", label);
    for (const part of ["hint", "undo", "clear"]) this[part].textContent = words[part];
    this.pens.setAttribute("aria-label", words.pen);
    words.pens.forEach((name, at) => {
      this.pens.children[at].title = name;
      this.pens.children[at].setAttribute("aria-label", name);
    });
  }

  take({ version, strokes, pen }) {
    clearTimeout(this.waiting);
    this.waiting = this.pointer = null;
    Object.assign(this, { version, pen, strokes: structuredClone(strokes) });
    for (const choice of this.pens.children) choice.checked = Number(choice.value) === pen;
    this.draw();
    if (version) this.store(); // Python has replaced the drawing
  }

  // The browser tab keeps the drawing when the page is reloaded, which starts a new session in Python.
  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key));
      if (!kept?.strokes.length) return;
      this.take({ version: this.version, ...kept });
      this.changed();
    } catch {
      // no drawing is stored, it is damaged, or the browser forbids storage
    }
  }

  store() {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ strokes: this.strokes, pen: this.pen }));
    } catch {
      // the storage is full, or the browser forbids it
    }
  }

  // ---- Drawing: a growing line is only extended, so that a full pad is as fast as an empty one

  layOut() {
    const side = Math.round(this.canvas.clientWidth * Math.min(devicePixelRatio, 3));
    if (!side || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side;
    this.draw();
  }

  draw() {
    const { canvas, strokes } = this;
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    for (const stroke of strokes) this.trace(stroke);
    this.tellWhetherEmpty();
  }

  trace(line) {
    const side = this.canvas.width, points = line.map(([x, y]) => [x * side, y * side]);
    const context = this.canvas.getContext("2d");
    context.fillStyle = context.strokeStyle = this.ink;
    context.lineJoin = context.lineCap = "round";
    context.lineWidth = this.pen * side;
    context.beginPath();
    context.arc(...points[0], context.lineWidth / 2, 0, 2 * Math.PI); // a dot
    context.fill();
    context.beginPath();
    for (const point of points) context.lineTo(...point);
    context.stroke();
  }

  tellWhetherEmpty() {
    const empty = this.strokes.length === 0;
    this.root.dataset.empty = empty;
    for (const button of [this.undo, this.clear]) button.setAttribute("aria-disabled", empty);
  }

  // ---- Messages to Python

  changed() {
    this.waiting ??= setTimeout(() => this.report(), Math.max(this.reported + PAUSE - performance.now(), 0));
  }

  report() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.reported = performance.now();
    const { version, strokes, pen } = this;
    this.store();
    this.component.setStateValue("drawn", { version, drawing: { strokes, pen } });
  }

  // ---- User input

  listen() {
    const { canvas, undo, clear, pens } = this;
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    on(window, "resize", () => this.layOut()); // zooming changes the pixels, not the size
    on(undo, "click", () => this.remove(1));
    on(clear, "click", () => this.remove(Infinity));
    on(pens, "change", ({ target }) => {
      this.pen = Number(target.value);
      this.draw();
      this.changed();
    });
    on(canvas, "keydown", (event) => {
      const undoes = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (!undoes && event.key !== "Delete" && event.key !== "Escape") return;
      event.preventDefault();
      this.remove(undoes ? 1 : Infinity);
    });
    on(canvas, "pointerdown", (event) => this.begin(event));
    on(canvas, "pointermove", (event) => this.follow(event));
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) on(canvas, kind, (event) => this.end(event));
  }

  remove(count) {
    if (!this.strokes.length) return;
    this.pointer = null;
    this.strokes.splice(-count);
    this.draw();
    this.changed();
  }

  begin(event) {
    if (this.pointer !== null || event.button !== 0) return;
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.last = null;
    this.follow(event);
  }

  follow(event) {
    if (event.pointerId !== this.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [], { left, top, width } = this.canvas.getBoundingClientRect();
    for (const { clientX, clientY } of passed.length ? passed : [event]) {
      this.add((clientX - left) / width, (clientY - top) / width);
    }
  }

  // Nothing is drawn outside the pad: a line ends at the edge, and a new line starts where the pointer returns.
  add(x, y) {
    const { last, strokes } = this, point = [rounded(x), rounded(y)], outside = x < 0 || x > 1 || y < 0 || y > 1;
    this.last = { point, outside };
    const begins = !last || last.outside, points = strokes.reduce((sum, { length }) => sum + length, 0);
    if ((begins && outside) || points + 2 > this.most) return;
    if (begins) strokes.push([last?.point ?? point]);
    const line = strokes.at(-1), before = line.at(-1);
    const far = Math.hypot(point[0] - before[0], point[1] - before[1]) >= NEAREST;
    if (far) line.push(point);
    if (!begins && !far) return;
    this.trace([before, point]);
    this.tellWhetherEmpty();
    this.changed();
  }

  end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    if (this.waiting) this.report();
  }
}

export default mount(".pad", Pad);
