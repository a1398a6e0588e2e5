// The playground: it holds the data from Python, and draws all parts of the picture.

const GRID_SIZE = 100; // points on each side of the grid; half as many while frames are slow
const THUMBNAIL_SIZE = 25; // points on each side of a unit's thumbnail
const SLOW_FRAME = 18; // milliseconds
const MIN_FRAME_TIME = 30; // milliseconds between two frames: training needs the processor too
const MIN_WIDE = 720; // pixels

class Playground {
  constructor(root) {
    this.root = root;
    const parts = "play position step restore title numbers bar low middle high readout".split(" ");
    this.parts = Object.fromEntries(parts.map((part) => [part, root.querySelector(`.${part}`)]));
    this.switches = { test: root.querySelector(".with-test"), discrete: root.querySelector(".discrete") };
    this.diagram = new NetworkDiagram(root);
    this.plot = new OutputPlot(root.querySelector(".output"));
    this.controls = new Controls(root, (change) => this.component.setTriggerValue("change", change));
    this.player = new Player();
    this.inspector = new Inspector(this);
    this.drawn = 0;
    this.hasOwnPoints = false;
    this.times = []; // of the frames in the last second
    this.tick = this.tick.bind(this);
    this.listening = new AbortController();
    listen(this, this.listening.signal);
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
    this.sizes.observe(root.querySelector(".board"));
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // Called for every poll of a run: mostly the same network, with more snapshots.
  show(data) {
    const other = data.id !== this.id, unlocked = data.editable !== this.editable;
    const { words, editable, turnable, total, alt } = data, snapshots = this.player.snapshots?.length;
    Object.assign(this, { words, editable, turnable, total, alt });
    if (other) this.build(data);
    else if (unlocked) this.controls.build(data); // a click of that moment was perhaps not taken
    const begins = other || data.run !== this.player.run;
    if (begins) {
      this.player.begin(data.run, matchMedia("(prefers-reduced-motion: reduce)").matches);
      this.inspector.resetWeights();
    }
    this.player.add(data.snapshots, data);
    if (this.inspector.turned.size && this.player.snapshots.length > snapshots) { // the run has gone on from what was turned
      this.inspector.resetWeights();
      this.player.play(true);
    }
    if (begins && data.turned.length) this.player.seek(data.total); // to the weights that were turned
    if (this.player.atEnd) this.inspector.takeOver(data.turned);
    this.label();
    this.recolour();
    this.layOut();
    this.redraw();
  }

  build(data) {
    Object.assign(this, { id: data.id, width: null, grids: {}, inspected: null });
    this.network = new Network(data.network);
    this.points = Object.fromEntries(Object.entries(data.points).map(([part, text]) => [part, decoded(text)]));
    this.diagram.build(this.network, data.features, data.words);
    this.controls.build(data);
    const hasOwnPoints = data.chosen === "own"; // all points that the reader has drawn are shown, the test points too
    if (hasOwnPoints !== this.hasOwnPoints) this.switches.test.checked = hasOwnPoints;
    this.hasOwnPoints = hasOwnPoints;
    this.inspector.reset();
  }

  label() {
    const { words, root, parts: { position, play }, player } = this;
    for (const [part, text] of Object.entries(words.parts)) root.querySelector(`.${part}`).textContent = text;
    position.setAttribute("aria-label", words.position);
    position.max = this.total;
    position.disabled = play.disabled = player.last === 0;
    this.plot.crosshair.setAttribute("aria-label", this.alt);
    this.controls.enable(this.editable);
  }

  recolour() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const context = this.plot.offscreen.getContext("2d");
    context.fillStyle = theme("background-color"); // reads back as #rrggbb
    const look = rgb(context.fillStyle).reduce((sum, part) => sum + part) < 384 ? DARK : LIGHT;
    const quiet = getComputedStyle(this.parts.readout).color;
    this.look = { ...look, border: theme("border-color"), quiet, font: style.fontFamily };
    this.colours = palette(look);
    const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => css(this.colours.shades[share * 2 * SHADES]));
    this.parts.bar.style.background = `linear-gradient(90deg, ${stops})`;
    this.controls.recolour(look, this.colours);
    this.stale = true;
  }

  layOut() {
    const width = this.root.clientWidth;
    if (!this.id || !width) return;
    if (width !== this.width || devicePixelRatio !== this.ratio) {
      Object.assign(this, { width, ratio: devicePixelRatio, wide: width >= MIN_WIDE });
      this.plot.resize(this.plot.stage.clientWidth);
      this.diagram.layOut([...this.controls.heads.children], this.wide);
      this.stale = true;
    }
    this.diagram.measure(this.plot.stage, this.wide);
    this.redraw();
  }

  // ---- Frames: only while something moves

  redraw() {
    this.frame ??= requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.frame = null;
    const { player } = this;
    if (!this.width || !player.shown) return; // not laid out yet
    if (player.moving && now - this.drawn < MIN_FRAME_TIME) return this.redraw();
    if (player.advance(now)) this.times.push(now);
    this.times = this.times.filter((time) => now - time < 1000);
    this.root.dataset.rate = this.times.length;
    this.drawn = now;
    this.draw();
    if (player.moving) this.redraw();
  }

  draw() {
    const began = performance.now(), { player, diagram, colours } = this;
    const side = player.moving && this.cost > SLOW_FRAME ? GRID_SIZE / 2 : GRID_SIZE;
    this.grids[side] ??= ForwardPass.grid(this.network, side);
    this.parameters = this.inspector.weights ?? player.weights();
    this.grid = this.grids[side].compute(this.parameters);
    for (const unit of diagram.units) {
      if (unit.name && unit.colours === colours) continue; // features stay as they are
      const values = this.valuesOf(unit);
      paintThumbnail(unit.button.firstChild, values, side, side / THUMBNAIL_SIZE, largest(values), colours);
      unit.colours = colours;
    }
    diagram.draw(this.parameters, this.look, this.inspector.edge ?? this.inspected);
    this.drawPlot();
    if (side === GRID_SIZE) this.cost = performance.now() - began;
    this.updateText();
    this.inspector.updateText();
  }

  // The values of a unit or a feature on the grid.
  valuesOf({ layer, unit, name }) {
    return name ? computeFeature(name, this.grid.xs, this.grid.ys) : this.grid.valuesOf(layer, unit);
  }

  // Draw the output scaled to -1 to 1, for classes 2 p − 1; or the unit that is inspected.
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
    const points = { ...this.points, test: switches.test.checked ? this.points.test : [] };
    plot.drawPoints(points, look, network.classes, colours);
  }

  // Add or remove a feature.
  toggle({ name }) {
    const used = new Set(this.network.features);
    if (!used.delete(name)) used.add(name);
    const features = this.diagram.layers[0].map((unit) => unit.name).filter((one) => used.has(one));
    this.component.setTriggerValue("change", { features });
  }

  // ---- Texts

  updateText() {
    const { player, words, parts, root, network } = this, { step, numbers } = player.shown;
    const text = fill(words.step, { step: step.toLocaleString("en"), total: this.total.toLocaleString("en") });
    parts.step.textContent = text;
    parts.position.value = player.step;
    parts.position.setAttribute("aria-valuetext", text);
    const finished = player.complete && player.atEnd && player.last > 0;
    parts.play.textContent = player.playing ? words.pause : finished ? words.replay : words.play;
    Object.assign(root.dataset, { playing: player.playing, step });
    const subject = this.inspected ?? this.diagram.output, output = subject === this.diagram.output;
    parts.title.textContent = subject.title;
    const ends = output && network.classes ? words.ends : [-this.range, 0, this.range].map((end) => number(end, "–"));
    [parts.low, parts.middle, parts.high].forEach((part, at) => { part.textContent = ends[at]; });
    const [train, test, trainAccuracy, testAccuracy] = this.inspector.measure() ?? numbers;
    const format = (value) => number(value, words.not_finite);
    const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : "–");
    parts.numbers.textContent = fill(words.numbers, {
      train: format(train), test: format(test), train_right: percent(trainAccuracy), test_right: percent(testAccuracy),
    });
    parts.restore.hidden = !this.inspector.weights;
    this.updateReadout(subject);
  }

  // The values of the large plot and of every unit at the position under the pointer.
  updateReadout(subject) {
    const { plot: { pointed }, root, parts: { readout }, words, network } = this;
    root.dataset.pointing = Boolean(pointed);
    if (!pointed) {
      readout.textContent = words.point;
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
