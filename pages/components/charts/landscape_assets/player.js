// ---- The component: animation, controls, frames, and changes by the user

const ANSWER_TIME = 3000; // milliseconds until a request to the server is repeated
const NUDGE = 0.02; // movement by an arrow key, as a fraction of the map

class Landscape {
  constructor(root) {
    this.root = root;
    const parts = ["chips", "play", "step", "position", "output", "speed", "start", "hint", "in", "out"];
    this.parts = Object.fromEntries(parts.map((part) => [part, root.querySelector(part === "output" ? part : `.${part}`)]));
    this.map = new MapView(root.querySelector(".map"));
    this.curve = new CurveView(root.querySelector(".curve"));
    this.surface = new SurfaceView(root.querySelector(".surface"));
    this.views = [this.map, this.curve, this.surface];
    this.stale = new Set();
    this.request = 0;
    this.tick = this.tick.bind(this);
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.layOut());
    for (const view of this.views) this.sizes.observe(view.stage);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    clearTimeout(this.answerTimer);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // The animation does not restart if only the theme or nothing has changed.
  show(data) {
    this.data = data;
    if (data.request >= this.request) this.answered();
    const surface = surfaces.byId.get(data.surface);
    if (!surface) return; // the surface arrives with its own component
    const isOther = data.surface !== this.shownSurface, isNew = data.id !== this.id;
    if (isOther) this.beginSurface(surface);
    if (isOther || isNew) this.showTracks();
    this.recolour();
    this.layOut();
    if (isOther) this.play(this.step < this.steps);
  }

  beginSurface(surface) {
    this.shownSurface = surface.id;
    this.scene = preparedSurface(surface);
    this.step = matchMedia("(prefers-reduced-motion: reduce)").matches ? Infinity : 0;
    for (const view of this.views) {
      view.words = this.data.words;
      view.showSurface(this.scene);
    }
  }

  showTracks() {
    const { data } = this, atEnd = this.step >= this.steps;
    this.id = data.id;
    this.words = data.words;
    this.tracks = preparedTracks(data.tracks, data.chips, this.scene);
    this.steps = Math.max(0, ...this.tracks.map((track) => track.steps));
    if (atEnd || this.step > this.steps) this.step = this.steps;
    if (!this.dragging) this.startPoint = toUnit(this.scene, data.start);
    for (const view of this.views) {
      view.words = data.words;
      view.showTracks(this.tracks, toUnit(this.scene, data.start));
    }
    this.label();
  }

  label() {
    const { play, step, position, speed, chips, start, hint } = this.parts, { words, data } = this;
    const name = (element, text) => element.setAttribute("aria-label", text);
    name(this.map.top, fill(words.map, { alt: data.alt }));
    name(this.surface.top, fill(words.relief, { alt: data.alt }));
    name(this.curve.top, words.curve);
    this.root.querySelector(".surface .readout").textContent = words.turn;
    name(position, words.position);
    name(speed, words.speed);
    name(this.parts.in, words.zoom_in);
    name(this.parts.out, words.zoom_out);
    name(start, words.start);
    name(chips, words.optimizers);
    step.lastChild.textContent = words.one_step;
    hint.textContent = words.drag;
    start.hidden = !data.changes;
    this.root.dataset.dragged = wasDragged();
    const chosen = speed.value || "1";
    if (!speed.length) speed.replaceChildren(...SPEEDS.map((factor) => new Option(fill(words.factor, { factor }), factor)));
    speed.value = chosen;
    position.max = this.steps;
    position.disabled = play.disabled = step.disabled = this.steps === 0;
    this.showChips();
  }

  showChips() {
    const { chips } = this.parts, { data } = this;
    if ([...chips.children].map(({ value }) => value).join() !== data.chips.map(({ name }) => name).join()) {
      chips.replaceChildren(...data.chips.map(({ name, label }) => chip(name, label)));
    }
    for (const button of chips.children) {
      const track = this.tracks.find((track) => track.name === button.value);
      button.setAttribute("aria-pressed", Boolean(track));
      button.disabled = !data.changes;
      button.title = track?.end ?? "";
    }
  }

  recolour() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const context = this.map.base.getContext("2d");
    context.fillStyle = theme("background-color"); // reads back as #rrggbb
    const brightness = rgb(context.fillStyle).reduce((sum, part) => sum + part), look = brightness < 384 ? DARK : LIGHT;
    const quiet = style.getPropertyValue("color");
    const fromTheme = { text: theme("text-color"), border: theme("border-color"), quiet, font: style.fontFamily };
    for (const view of this.views) view.look = { ...look, ...fromTheme, colours: palette(look) };
    this.data.chips.forEach(({ colours }, at) => {
      this.parts.chips.children[at].style.setProperty("--colour", colours[look.dark]);
    });
    this.redraw(...this.views);
  }

  layOut() {
    if (!this.scene || !this.map.look) return;
    const ratio = Math.min(devicePixelRatio, 3);
    this.redraw(...this.views.filter((view) => view.resize(ratio)));
  }

  // ---- Frames: only while something moves

  redraw(...stale) {
    for (const view of stale) this.stale.add(view);
    this.frame ??= requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.frame = null;
    if (!this.map.width) return; // not laid out yet
    if (this.playing) this.advance(now);
    const drawn = this.views.filter(({ width }) => width);
    for (const view of drawn) if (this.stale.has(view)) view.drawBase(this.turning);
    this.stale.clear();
    const step = this.hovered ?? this.step;
    for (const view of drawn) view.drawMoving(view === this.curve ? step : this.step, this.steps);
    this.placeStart();
    this.tell(Math.floor(step));
    if (this.playing) this.redraw();
  }

  play(on) {
    if (on && this.step >= this.steps) this.step = 0;
    this.playing = on && this.steps > 0;
    this.before = null;
    this.root.dataset.playing = this.playing;
    this.parts.play.lastChild.textContent = this.playing ? this.words.pause : this.words.play;
    this.redraw();
  }

  advance(now) {
    const passed = Math.min(now - (this.before ?? now), 100); // a background tab does not skip steps
    this.before = now;
    this.step = Math.min(this.step + (passed / PLAYBACK) * this.steps * this.parts.speed.value, this.steps);
    if (this.step >= this.steps) this.play(false);
  }

  showStep(step) {
    this.step = clamp(step, 0, this.steps);
    this.play(false);
  }

  placeStart() {
    const { start } = this.parts, [x, y] = this.map.project(...this.startPoint);
    const isOnMap = x >= MARGIN.left - 1 && x <= this.map.width - MARGIN.right + 1 && y >= MARGIN.top - 1;
    start.style.transform = `translate(${x}px, ${y}px)`;
    start.dataset.side = x > this.map.width - 110 ? "left" : "right";
    start.style.visibility = isOnMap && y <= MARGIN.top + this.map.tall + 1 ? "" : "hidden";
  }

  tell(step) {
    const { position, output, chips } = this.parts, shown = Math.floor(this.step);
    const text = fill(this.words.step, { step: shown, steps: this.steps });
    output.textContent = `${shown.toLocaleString("en")} / ${this.steps.toLocaleString("en")}`;
    position.value = shown;
    position.style.setProperty("--done", `${(100 * shown) / Math.max(this.steps, 1)}%`);
    position.setAttribute("aria-valuetext", text);
    for (const button of chips.children) {
      const track = this.tracks.find(({ name }) => name === button.value), last = (track?.loss.length ?? 0) - 1;
      const ended = track?.ended && step >= last;
      const value = track ? number(track.loss[Math.min(step, last)], this.words.not_finite) : "";
      button.querySelector(".loss").textContent = ended ? track.ended : value;
    }
  }

  // ---- User input

  listen() {
    const { parts: { play, step, position, chips, start }, map, curve, surface } = this;
    const on = (target, kind, react, options) =>
      target.addEventListener(kind, react, { signal: this.listening.signal, ...options });
    on(surfaces, "arrived", () => this.data && this.show(this.data));
    on(play, "click", () => this.play(!this.playing));
    on(step, "click", () => this.showStep(Math.floor(this.step >= this.steps ? 0 : this.step) + 1));
    on(position, "input", () => this.showStep(Number(position.value)));
    on(chips, "click", ({ target }) => this.toggle(target.closest("button")));

    on(start, "pointerdown", (event) => {
      start.setPointerCapture(event.pointerId);
      this.dragging = true;
    });
    on(start, "pointermove", (event) => this.dragging && this.moveStart(map.pointed(event), false));
    for (const kind of ["pointerup", "pointercancel"]) {
      on(start, kind, () => {
        if (!this.dragging) return;
        this.dragging = false;
        if (this.pending || this.moved) this.moveStart(this.startPoint, true);
      });
    }
    on(start, "keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!move) return;
      event.preventDefault();
      this.moveStart(this.startPoint.map((at, axis) => clamp(at + move[axis] * NUDGE, 0, 1)), true);
    });

    on(map.top, "pointerdown", (event) => { this.pressed = this.panned = event; });
    on(map.top, "click", (event) => this.pick(event));
    on(map.top, "pointermove", (event) => {
      if (event.buttons && map.zoomed && event.pointerType === "mouse") {
        map.pan(event.clientX - this.panned.clientX, event.clientY - this.panned.clientY);
        this.panned = event;
        this.redraw(map);
      }
      this.read(map.isOnMap(event) ? map.pointed(event) : null);
    });
    on(map.top, "pointerleave", () => this.read(null));
    on(map.stage, "wheel", (event) => {
      if ((event.deltaY > 0 && !map.zoomed) || !map.isOnMap(event)) return; // in this case the page scrolls
      event.preventDefault();
      this.zoom(2 ** (-clamp(event.deltaY, -200, 200) / 250), map.pointed(event));
    }, { passive: false });
    const middle = () => [mix(map.part[0], map.part[1], 0.5), mix(map.part[2], map.part[3], 0.5)];
    on(this.parts.in, "click", () => this.zoom(1.6, this.startIsShown() ? this.startPoint : middle()));
    on(this.parts.out, "click", () => this.zoom(1 / 1.6, middle()));

    on(curve.top, "pointerdown", (event) => {
      curve.top.setPointerCapture(event.pointerId);
      this.showStep(curve.pointed(event));
    });
    on(curve.top, "pointermove", (event) => {
      if (event.buttons) this.showStep(curve.pointed(event));
      else this.hoverCurve(curve.pointed(event));
    });
    on(curve.top, "pointerleave", () => this.hoverCurve(null));

    on(surface.top, "pointerdown", (event) => {
      surface.top.setPointerCapture(event.pointerId);
      this.pressed = event;
    });
    on(surface.top, "pointermove", (event) => {
      if (!event.buttons) return;
      this.rotate((event.clientX - this.pressed.clientX) * 0.01, (event.clientY - this.pressed.clientY) * 0.01);
      this.pressed = event;
    });
    on(surface.top, "keydown", (event) => {
      const rotation = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
      if (!rotation) return;
      event.preventDefault();
      this.rotate(...rotation);
    });
  }

  toggle(button) {
    if (!button || !this.data.changes) return;
    const isOn = (name) => this.tracks.some((track) => track.name === name);
    const names = this.data.chips.map(({ name }) => name).filter((name) => isOn(name) !== (name === button.value));
    if (names.length) this.change({ optimizers: names });
  }

  startIsShown() {
    const [xLow, xHigh, yLow, yHigh] = this.map.part, [x, y] = this.startPoint;
    return x >= xLow && x <= xHigh && y >= yLow && y <= yHigh;
  }

  zoom(factor, point) {
    this.map.zoom(factor, point);
    this.redraw(this.map);
  }

  // Touch scrolling and dragging are not clicks.
  pick(event) {
    const { clientX, clientY } = this.pressed ?? event;
    if (!this.data.changes || !this.map.isOnMap(event)) return;
    if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > 5) return;
    this.moveStart(this.map.pointed(event), true);
  }

  // Moves the common starting point. The marker follows the pointer; the trajectories come from the server.
  moveStart(point, settled) {
    this.startPoint = point;
    this.moved = !settled;
    rememberDrag();
    this.root.dataset.dragged = true;
    const [x, y] = fromUnit(this.scene, point).map((value) => Number(value.toPrecision(4)));
    this.change({ x, y, settled });
    this.redraw();
  }

  // Sends one change at a time. If several changes are waiting, only their newest values are sent.
  change(values) {
    this.pending = { ...this.pending, ...values };
    if (!this.answerTimer) this.send();
  }

  send() {
    const change = this.pending;
    this.pending = null;
    this.request = Math.max(this.request, this.data.request) + 1;
    this.component.setTriggerValue("change", { settled: true, ...change, request: this.request });
    this.answerTimer = setTimeout(() => this.answered(), ANSWER_TIME);
  }

  answered() {
    clearTimeout(this.answerTimer);
    this.answerTimer = null;
    if (this.pending) this.send();
  }

  read(point) {
    const reading = point && lossAndGradient(this.scene, point), readout = this.root.querySelector(".map .readout");
    this.map.pointTo(point, reading);
    if (reading) {
      const [xLow, xHigh, yLow, yHigh] = this.scene.bounds, [x, y] = fromUnit(this.scene, point);
      const rounded = (value, range) => signed(value.toFixed(clamp(2 - Math.floor(Math.log10(range)), 0, 8)));
      const [dx, dy] = reading.gradient.map((part) => number(part));
      const numbers = { x: rounded(x, xHigh - xLow), y: rounded(y, yHigh - yLow), loss: number(reading.loss), dx, dy };
      readout.textContent = fill(this.words.point, numbers);
    } else readout.textContent = "";
    this.redraw();
  }

  hoverCurve(step) {
    this.hovered = step;
    const text = step === null ? "" : fill(this.words.step, { step, steps: this.steps });
    this.root.querySelector(".curve .readout").textContent = text;
    this.redraw();
  }

  rotate(turn, tilt) {
    this.surface.turn = (this.surface.turn + turn) % (2 * Math.PI);
    this.surface.tilt = clamp(this.surface.tilt + tilt, 0.15, 1.5);
    this.turning = true;
    this.redraw(this.surface);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.turning = false;
      this.redraw(this.surface);
    }, 150);
  }
}

function chip(name, label) {
  const button = Object.assign(document.createElement("button"), { type: "button", value: name });
  for (const [className, textContent] of Object.entries({ swatch: "", name: label, loss: "" })) {
    button.append(Object.assign(document.createElement("span"), { className, textContent }));
  }
  return button;
}

// The hint to drag the starting point is removed permanently once the point has been dragged in this browser.
const DRAGGED = "playground.start-dragged";

function wasDragged() {
  try {
    return localStorage.getItem(DRAGGED) === "yes";
  } catch {
    return false;
  }
}

function rememberDrag() {
  try {
    localStorage.setItem(DRAGGED, "yes");
  } catch {
    // a browser without storage shows the hint again
  }
}

export default mount(".landscape", Landscape);
