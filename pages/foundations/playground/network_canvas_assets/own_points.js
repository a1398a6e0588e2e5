// The user's own points: drawn and erased on the output plane with mouse, touch, or keyboard.

const SPACING = 0.45; // distance between two points of a stroke
const ERASER = 0.45; // radius of the eraser
const STRIDE = 0.15; // distance between two positions that a stroke touches

class OwnPoints {
  constructor(playground) {
    this.playground = playground;
    this.bar = playground.root.querySelector(".drawing");
    this.tool = "blue";
    Object.assign(this, { points: null, version: null, edit: 0, past: [], stroke: null });
  }

  get active() {
    return this.points !== null && this.playground.drawable;
  }

  // Show the points from Python, unless newer points are being drawn or sent.
  show(own) {
    this.bar.hidden = !own;
    if (!own) {
      Object.assign(this, { points: null, version: null, past: [] });
      return;
    }
    if (own.version === this.version && (own.edit < this.edit || this.stroke)) return;
    if (own.version !== this.version) this.past = [];
    const flat = decoded(own.points);
    Object.assign(this, { version: own.version, edit: own.edit, isSplit: own.trainable });
    this.points = Array.from({ length: flat.length / 3 }, (_, at) => [...flat.subarray(3 * at, 3 * at + 3)]);
    this.problem = own.problem;
    this.enable();
  }

  enable() {
    const [undo, clear] = ["undo", "clear"].map((name) => this.bar.querySelector(`.${name}`));
    for (const tool of this.bar.querySelectorAll(".tool")) {
      tool.setAttribute("aria-pressed", tool.dataset.tool === this.tool);
      tool.disabled = !this.active;
    }
    undo.disabled = !this.active || !this.past.length;
    clear.disabled = !this.active || !this.points.length;
  }

  // The points to draw instead of the training and test points, or null if the training and test points are up to date.
  get shown() {
    return this.points && !this.isSplit ? Float32Array.from(this.points.flat()) : null;
  }

  choose(tool) {
    this.tool = tool;
    this.enable();
  }

  // ---- Strokes

  begin(position) {
    if (!this.active || !position) return false;
    this.stroke = { end: position, last: null, before: this.points.slice() };
    this.extend(position);
    return true;
  }

  // Extend the stroke to a position. A busy browser reports few positions, so the path between them is covered too.
  extend(position) {
    if (!this.stroke || !position) return;
    const [x, y] = position, [fromX, fromY] = this.stroke.end;
    const strides = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) / STRIDE));
    for (let at = 1; at <= strides; at += 1) {
      this.touch([fromX + ((x - fromX) * at) / strides, fromY + ((y - fromY) * at) / strides]);
    }
    this.stroke.end = position;
  }

  touch([x, y]) {
    const { last } = this.stroke;
    if (this.tool === "erase") this.put(this.points.filter(([px, py]) => Math.hypot(px - x, py - y) > ERASER));
    else if (!last || Math.hypot(x - last[0], y - last[1]) >= SPACING) {
      if (this.points.length < this.playground.most.points) this.put([...this.points, [x, y, Number(this.tool === "blue")]]);
      this.stroke.last = [x, y];
    }
  }

  end() {
    if (!this.stroke) return;
    const { before } = this.stroke;
    this.stroke = null;
    if (before.length !== this.points.length) this.commit(before);
  }

  put(points) {
    if (points.length === this.points.length) return;
    Object.assign(this, { points, isSplit: false, problem: "" });
    this.playground.stale = true;
    this.playground.redraw();
  }

  clear() {
    const before = this.points;
    this.put([]);
    this.commit(before);
  }

  undo() {
    const before = this.past.pop();
    if (!before) return;
    this.put(before);
    this.send();
  }

  commit(before) {
    this.past = [...this.past, before].slice(-50);
    this.send();
  }

  send() {
    this.edit += 1;
    this.enable();
    const { version, edit, points } = this;
    this.playground.component.setTriggerValue("points", { version, edit, points });
  }
}
