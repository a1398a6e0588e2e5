// The playground: holds the data from Python, and draws all parts of the main view.

const GRID_SIZE = 100; // points per side of the grid; half as many while frames are slow
const THUMBNAIL_SIZE = 25; // points per side of a unit's thumbnail
const SLOW_FRAME = 18; // milliseconds
const MIN_FRAME_TIME = 30; // milliseconds between two frames: training needs the processor too
const MIN_WIDE = 640; // pixels: a narrower view shows either the output or the network
const TEXTS = 108; // pixels above and below the plane: title, color key, values at the pointer, switches
const LOSSES = 138; // pixels for the losses below the output
const MIN_PLANE = 270; // pixels: if the plane would be smaller, the losses are beside the output
const BESIDE = [164, 108]; // pixels for the losses beside the output, wide and narrow
const MIN_UNDER = 540; // pixels of height at which a narrow view has room for the losses under the output
const SMALL_STAGE = 92; // pixels of the output beside the network on a phone

class Playground {
  constructor(root) {
    this.root = root;
    const parts = "board step restore title bar low high readout legend notice timeline".split(" ");
    this.parts = Object.fromEntries(parts.map((part) => [part, root.querySelector(`.${part}`)]));
    this.switches = { test: root.querySelector(".with-test"), discrete: root.querySelector(".discrete") };
    this.diagram = new NetworkDiagram(root);
    this.plot = new OutputPlot(root.querySelector(".output"));
    this.chart = new LossChart(root.querySelector(".losses"));
    this.controls = new Controls(root, (change) => this.component.setTriggerValue("change", change));
    this.own = new OwnPoints(this);
    this.player = new Player();
    this.inspector = new Inspector(this);
    this.drawn = 0;
    this.noise = null; // the noise while its slider is dragged, or null
    this.times = []; // times of the frames in the last second
    this.tick = this.tick.bind(this);
    this.listening = new AbortController();
    listen(this, this.listening.signal);
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // Show new data. Called at every poll of a run: usually the same network with more snapshots.
  show(data) {
    const other = data.id !== this.id, unlocked = data.editable !== this.editable;
    const { words, editable, drawable, turnable, alt, most, losses, previous, marks, total, seconds } = data;
    const { snapshots = [], run } = this.player, isFirst = !run, still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const count = snapshots.length;
    Object.assign(this, { words, editable, drawable, turnable, alt, most, seconds });
    if (other) this.build(data);
    else if (unlocked) {
      this.controls.build(data); // a click while the controls were disabled may have been lost
      this.width = null; // the new headings need a layout
    }
    this.own.show(data.own);
    const begins = other || data.run !== run;
    if (begins) {
      this.player.begin(data.run, still || (isFirst && data.complete) || data.recorded);
      this.inspector.resetWeights();
    }
    this.player.add(data.snapshots, data);
    // Training has continued from the changed weights
    if (this.inspector.turned.size && this.player.snapshots.length > count) this.inspector.resetWeights();
    this.player.follow(playhead.run === data.run ? playhead.step : null);
    if (this.player.atEnd) this.inspector.takeOver(data.turned);
    this.chart.build({ losses, previous, marks, total, words });
    if (begins && seconds) this.playTimeline(still);
    this.label();
    this.recolour();
    this.layOut();
    this.redraw();
  }

  build(data) {
    Object.assign(this, { id: data.id, width: null, grids: {}, inspected: null, noise: null });
    this.network = new Network(data.network);
    this.points = Object.fromEntries(Object.entries(data.points).map(([part, text]) => [part, decoded(text)]));
    this.shifts = Object.fromEntries(Object.entries(data.shifts).map(([part, text]) => [part, decoded(text)]));
    this.level = data.noise;
    this.diagram.build(this.network, data.features, data.words);
    this.controls.build(data);
    this.inspector.reset();
  }

  label() {
    const { words, root, parts } = this;
    for (const [part, text] of Object.entries(words.parts)) root.querySelector(`.${part}`).textContent = text;
    for (const [part, text] of Object.entries(words.titles)) {
      const element = root.querySelector(`.${part}`);
      element.title = text;
      element.setAttribute("aria-label", text);
    }
    this.plot.crosshair.setAttribute("aria-label", this.alt);
    this.chart.canvas.setAttribute("aria-label", words.losses);
    parts.notice.textContent = this.own.problem ?? words.drag;
    parts.notice.hidden = this.seconds ? this.hasDragged : !this.own.problem;
    root.dataset.timeline = Boolean(this.seconds);
    root.dataset.own = Boolean(this.own.points);
    parts.timeline.hidden = !this.seconds;
    this.controls.enable(this.editable);
    this.own.enable();
  }

  recolour() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const context = this.plot.offscreen.getContext("2d");
    context.fillStyle = theme("background-color"); // normalizes the color to #rrggbb
    const look = rgb(context.fillStyle).reduce((sum, part) => sum + part) < 384 ? DARK : LIGHT;
    const quiet = getComputedStyle(this.parts.readout).color, ground = context.fillStyle;
    this.look = { ...look, border: theme("border-color"), quiet, ground, font: style.fontFamily };
    this.colours = palette(look);
    const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => css(this.colours.shades[share * 2 * SHADES]));
    this.parts.bar.style.background = `linear-gradient(90deg, ${stops})`;
    for (const entry of this.parts.legend.children) entry.style.setProperty("--colour", look.losses[entry.dataset.line]);
    this.controls.recolour(look, this.colours);
    this.stale = true;
  }

  // Lay out the main view: a plane as large as the height allows, with the losses below or beside it.
  layOut() {
    const { root, parts: { board } } = this, { clientWidth: width, clientHeight: height } = root;
    if (!this.id || !width || !height) return;
    if (width !== this.width || height !== this.height || devicePixelRatio !== this.ratio || root.dataset.view !== this.view) {
      const wide = width >= MIN_WIDE, bare = Number(root.dataset.sets) === 0, beside = bare ? 0 : BESIDE[Number(!wide)];
      const margins = MARGIN.left + MARGIN.right, below = height - TEXTS - LOSSES >= MIN_PLANE && wide && !bare;
      const free = height - TEXTS - (below ? LOSSES : 0) - (wide || bare ? 0 : 88), share = bare && !wide ? 1 : below || bare ? 0.5 : 0.36;
      const plane = Math.min(free, (wide ? share * width : width - beside - 8) - margins);
      const small = !wide && !bare && root.dataset.view === "network";
      const few = this.network.layers.length <= 4; // more layers need the whole width of a phone
      const stage = small ? (few ? SMALL_STAGE : 0) : Math.floor(plane + margins);
      const losses = bare ? "none" : below ? "below" : !wide && height >= MIN_UNDER ? "under" : "beside";
      Object.assign(root.dataset, { wide, losses, small });
      board.style.setProperty("--stage", `${stage}px`);
      board.style.setProperty("--beside", `${beside}px`);
      Object.assign(this, { width, height, ratio: devicePixelRatio, view: root.dataset.view });
      if (stage > 60) this.plot.resize(stage);
      this.chart.resize();
      this.diagram.layOut([...this.controls.heads.children], !wide);
      this.stale = true;
    }
    this.diagram.measure(this.plot.stage);
    this.redraw();
  }

  // ---- Frames, only while something moves

  redraw() {
    this.frame ??= requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.frame = null;
    const { player } = this;
    if (!this.width || !player.shown) return; // before the first layout
    if (player.moving && now - this.drawn < MIN_FRAME_TIME) return this.redraw();
    if (player.advance(now)) this.times.push(now);
    this.times = this.times.filter((time) => now - time < 1000);
    this.root.dataset.rate = this.times.length;
    this.drawn = now;
    this.draw();
    if (player.moving) this.redraw();
  }

  // Follow the page's playhead. Restore weights that were changed by hand, because they belong to another update.
  followPlayhead() {
    if (playhead.run !== this.player.run || !this.player.snapshots) return;
    if (!this.player.follow(playhead.step)) return;
    if (this.inspector.weights) this.inspector.restore();
    this.redraw();
  }

  // On a page without a scrubber, play the run once; then show the update chosen on the timeline.
  playTimeline(still) {
    const { player } = this, total = player.snapshots.at(-1).step, { timeline } = this.parts;
    timeline.max = total;
    if (still) return;
    player.position = 0;
    player.speed = player.last / (1000 * this.seconds);
  }

  // Return the update at a horizontal position in the plane.
  updateAt(event) {
    const { plot, player } = this, box = plot.crosshair.getBoundingClientRect();
    return clamp((event.clientX - box.left - MARGIN.left) / plot.inner, 0, 1) * player.snapshots.at(-1).step;
  }

  seek(step) {
    this.hasDragged = true;
    this.parts.notice.hidden = true;
    this.player.follow(step);
    this.redraw();
  }

  draw() {
    const began = performance.now(), { player, diagram, colours } = this;
    const side = player.moving && this.cost > SLOW_FRAME ? GRID_SIZE / 2 : GRID_SIZE;
    this.grids[side] ??= ForwardPass.grid(this.network, side);
    this.parameters = this.inspector.weights ?? player.weights();
    this.grid = this.grids[side].compute(this.parameters);
    for (const unit of diagram.units) {
      if (unit.name && unit.colours === colours) continue; // features do not change
      const values = this.valuesOf(unit);
      paintThumbnail(unit.button.firstChild, values, side, side / THUMBNAIL_SIZE, largest(values), colours);
      unit.colours = colours;
    }
    diagram.draw(this.parameters, this.look, this.inspector.edge ?? this.inspected);
    this.drawPlot();
    this.chart.draw(player.step, this.look);
    if (side === GRID_SIZE) this.cost = performance.now() - began;
    this.updateText();
    this.inspector.updateText();
  }

  // Return the outputs of a unit, or the values of a feature, on the grid.
  valuesOf({ layer, unit, name }) {
    return name ? computeFeature(name, this.grid.xs, this.grid.ys) : this.grid.valuesOf(layer, unit);
  }

  // Draw the inspected unit, or the output scaled to -1 to 1 (2 p − 1 for classes).
  drawPlot() {
    const { network, plot, look, colours, switches } = this, subject = this.inspected ?? this.diagram.output;
    const output = subject === this.diagram.output, values = this.valuesOf(subject);
    this.range = output ? 1 : largest(values);
    const shade = output && network.classes ? (value) => 2 * network.predict(value) - 1 : (value) => value / this.range;
    const options = { discrete: output && switches.discrete.checked, line: network.classes && output, ink: look.ink };
    plot.drawOutput(values.map(shade), this.grid.side, options, colours);
    plot.drawCrosshair(look);
    if (!this.stale) return;
    this.stale = false;
    plot.drawPoints(this.shownPoints(), look, network.classes, colours);
  }

  // Return the points to draw. Test points are included if they are the user's own points, so that no point seems missing.
  shownPoints() {
    const { train, test, validation } = this.movedPoints(), own = this.own.shown;
    if (own) return { train: own, test: [], validation: [] };
    return { train, validation, test: this.switches.test.checked || this.own.points ? test : [] };
  }

  // Return the points moved by the noise of the slider, and reflected at the edge of the square.
  movedPoints() {
    const { points, shifts, noise } = this;
    if (noise === null || noise === this.level) return points;
    const move = (flat, shift) => flat.map((value, at) => {
      if (at % 3 === 2) return value;
      const row = 4 * Math.floor(at / 3) + (at % 3), moved = shift[row] + noise * shift[row + 2], size = Math.abs(moved);
      return Math.max(0, AXIS_LIMIT - Math.abs(AXIS_LIMIT - size)) * Math.sign(moved);
    });
    return Object.fromEntries(Object.entries(points).map(([part, flat]) => [part, move(flat, shifts[part])]));
  }

  // Draw the points with a new noise level until Python sends the new points.
  tryNoise(noise) {
    if (!this.id || this.own.points) return;
    Object.assign(this, { noise, stale: true });
    this.inspector.passes = null;
    this.redraw();
  }

  // Add or remove a feature; the last feature cannot be removed.
  toggle({ name }) {
    const used = new Set(this.network.features);
    if (!used.delete(name)) used.add(name);
    if (!used.size) return;
    const features = this.diagram.layers[0].map((unit) => unit.name).filter((one) => used.has(one));
    this.component.setTriggerValue("change", { features });
  }

  // ---- Texts

  updateText() {
    const { player, words, parts, root, network } = this, { step, numbers } = player.shown;
    parts.step.textContent = fill(words.step, { step: Math.round(player.step).toLocaleString("en") });
    Object.assign(root.dataset, { playing: player.moving, step, run: player.run });
    if (document.activeElement !== parts.timeline) parts.timeline.value = player.step;
    const subject = this.inspected ?? this.diagram.output, output = subject === this.diagram.output;
    parts.title.textContent = subject.title;
    const [low, , high] = output && network.classes ? words.ends : [-this.range, 0, this.range].map((end) => number(end, "–"));
    Object.assign(parts.low, { textContent: low });
    Object.assign(parts.high, { textContent: high });
    const [train, test, trainAccuracy, testAccuracy] = this.inspector.measure() ?? numbers;
    const format = (value) => number(value, words.not_finite);
    const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(0)}%` : "–");
    for (const [line, loss, accuracy] of [["test", test, testAccuracy], ["train", train, trainAccuracy]]) {
      const entry = parts.legend.querySelector(`[data-line="${line}"]`);
      entry.querySelector(".name").textContent = words[line];
      entry.querySelector(".loss").textContent = fill(words.loss, { loss: format(loss) });
      entry.querySelector(".accuracy").textContent = network.classes ? fill(words.accuracy, { accuracy: percent(accuracy) }) : "";
    }
    parts.restore.hidden = !this.inspector.weights;
    this.updateReadout(subject);
  }

  // Show the values of the large plot and of every unit at the pointer.
  updateReadout(subject) {
    const { plot: { pointed }, root, parts: { readout }, words, network } = this;
    root.dataset.pointing = Boolean(pointed);
    if (!pointed) {
      readout.textContent = this.seconds ? words.drag_hint : this.own.active ? words.draw : words.point;
      for (const part of ["x", "y", "value"]) delete readout.dataset[part];
      return;
    }
    const [x, y] = pointed, pass = new ForwardPass(network, [x], [y]).compute(this.parameters);
    const valueOf = ({ name, layer, unit }) => (name ? FEATURES[name](x, y) : pass.valuesOf(layer, unit)[0]);
    for (const unit of this.diagram.units) unit.button.dataset.value = short(valueOf(unit));
    root.style.setProperty("--px", (x + AXIS_LIMIT) / (2 * AXIS_LIMIT));
    root.style.setProperty("--py", (AXIS_LIMIT - y) / (2 * AXIS_LIMIT));
    const isOutput = subject === this.diagram.output, raw = valueOf(subject);
    const value = isOutput ? network.predict(raw) : raw;
    const coordinate = (number) => number.toFixed(2).replace("-", "−");
    const texts = { x: coordinate(x), y: coordinate(y), value: number(value, words.not_finite) };
    readout.textContent = fill(isOutput ? words.point_output : words.point_unit, texts);
    Object.assign(readout.dataset, { x, y, value });
  }
}

const short = (value) => (Math.abs(value) < 99.5 ? value.toPrecision(2) : value.toExponential(0)).replace("-", "−");

export default mount(".playground", Playground);
