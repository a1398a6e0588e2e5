// ---- The whole: what is played, the controls, the frames

class Landscape {
  constructor(root) {
    this.root = root;
    const parts = ["play", "position", "step", "speed", "legend", "readout"];
    this.parts = Object.fromEntries(parts.map((part) => [part, root.querySelector(`.${part}`)]));
    this.map = new MapView(root.querySelector(".map"));
    this.surface = new SurfaceView(root.querySelector(".surface"));
    this.stale = new Set();
    this.tick = this.tick.bind(this);
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    clearTimeout(this.waiting);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // Nothing begins again where only the theme has changed, or nothing at all.
  show(data) {
    const news = data.id !== this.id;
    if (news) this.begin(data);
    this.recolour();
    this.layOut();
    if (news) this.play(this.step < this.steps);
  }

  begin(data) {
    const scene = prepared(data);
    this.id = data.id;
    this.words = data.words;
    this.tracks = data.tracks;
    this.steps = Math.max(0, ...scene.tracks.map((track) => track.steps));
    this.step = matchMedia("(prefers-reduced-motion: reduce)").matches ? this.steps : 0;
    this.width = this.map.picked = null;
    for (const view of [this.map, this.surface]) {
      view.show(scene);
      view.top.setAttribute("aria-label", data.alt);
    }
    this.label();
  }

  label() {
    const { play, position, speed, legend } = this.parts, { words } = this;
    const [mapHint, surfaceHint] = this.root.querySelectorAll(".hint");
    mapHint.textContent = words.pick;
    surfaceHint.textContent = words.turn;
    position.setAttribute("aria-label", words.position);
    speed.setAttribute("aria-label", words.speed);
    const chosen = speed.value || "1";
    speed.replaceChildren(...SPEEDS.map((factor) => new Option(fill(words.factor, { factor }), factor)));
    speed.value = chosen;
    position.max = this.steps;
    position.disabled = play.disabled = this.steps === 0;
    legend.replaceChildren(...this.tracks.map((track) => this.legendRow(track)));
  }

  legendRow({ name, end }) {
    const row = Object.assign(document.createElement("li"), { className: "track" });
    for (const [className, textContent] of Object.entries({ swatch: "", name, loss: "", end: end ?? "" })) {
      row.append(Object.assign(document.createElement("span"), { className, textContent }));
    }
    return row;
  }

  recolour() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const context = this.map.base.getContext("2d");
    context.fillStyle = theme("background-color"); // reads back as #rrggbb
    const brightness = rgb(context.fillStyle).reduce((sum, part) => sum + part), look = brightness < 384 ? DARK : LIGHT;
    const quiet = getComputedStyle(this.parts.readout).color;
    const fromTheme = { text: theme("text-color"), border: theme("border-color"), quiet, font: style.fontFamily };
    this.map.look = this.surface.look = { ...look, ...fromTheme, colours: palette(look) };
    this.tracks.forEach(({ colours }, at) => {
      this.parts.legend.children[at].firstChild.style.background = colours[look.dark];
    });
    this.redraw("map", "surface");
  }

  layOut() {
    const width = this.map.stage.clientWidth, ratio = Math.min(devicePixelRatio, 3);
    if (!this.id || !width || (width === this.width && ratio === this.map.ratio)) return;
    this.width = width;
    this.map.resize(width, ratio);
    this.surface.resize(this.surface.stage.clientWidth, this.map.height, ratio);
    this.redraw("map", "surface");
  }

  // ---- Frames: only while something moves

  redraw(...stale) {
    for (const view of stale) this.stale.add(view);
    this.frame ??= requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.frame = null;
    if (!this.width) return; // not laid out yet
    if (this.playing) this.advance(now);
    for (const view of this.stale) this[view].drawBase(this.turning);
    this.stale.clear();
    for (const view of [this.map, this.surface]) view.drawMoving(this.step, this.steps);
    this.tell();
    if (this.playing) this.redraw();
  }

  play(on) {
    if (on && this.step >= this.steps) this.step = 0;
    this.playing = on;
    this.before = null;
    this.root.dataset.playing = on;
    this.parts.play.textContent = on ? this.words.pause : this.words.play;
    this.redraw();
  }

  advance(now) {
    const passed = Math.min(now - (this.before ?? now), 100); // a tab in the background misses nothing
    this.before = now;
    this.step = Math.min(this.step + (passed / PLAYBACK) * this.steps * this.parts.speed.value, this.steps);
    if (this.step >= this.steps) this.play(false);
  }

  tell() {
    const step = Math.floor(this.step), { position, legend } = this.parts;
    const text = fill(this.words.step, { step, steps: this.steps });
    this.parts.step.textContent = text;
    position.value = step;
    position.setAttribute("aria-valuetext", text);
    this.tracks.forEach(({ loss }, at) => {
      const last = loss.length - 1, value = number(loss[Math.min(step, last)], this.words.not_finite);
      legend.children[at].querySelector(".loss").textContent = fill(this.words.loss, { loss: value });
      legend.children[at].classList.toggle("ended", step >= last);
    });
  }

  // ---- What the reader does

  listen() {
    const { parts: { play, position }, map, surface } = this;
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    on(play, "click", () => this.play(!this.playing));
    on(position, "input", () => {
      this.step = Number(position.value);
      this.play(false);
    });
    for (const canvas of [map.top, surface.top]) on(canvas, "pointerdown", (event) => { this.pressed = event; });
    on(map.top, "click", (event) => this.pick(event));
    on(map.top, "pointermove", (event) => this.read(map.pointed(event)));
    on(map.top, "pointerleave", () => this.read(null));
    on(surface.top, "pointerdown", (event) => surface.top.setPointerCapture(event.pointerId));
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

  // Scrolling with a finger, or dragging, is no pick. Until the answer is here, the map shows what was picked.
  pick(event) {
    const point = this.map.pointed(event), { clientX, clientY } = this.pressed ?? event;
    if (!point || Math.hypot(event.clientX - clientX, event.clientY - clientY) > 5) return;
    this.component.setTriggerValue("pick", this.map.named(point));
    this.map.picked = point;
    this.redraw();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.map.picked = null;
      this.redraw();
    }, 2000);
  }

  read(point) {
    const [xLow, xHigh, yLow, yHigh] = this.map.scene.bounds;
    const rounded = (value, range) => signed(value.toFixed(clamp(2 - Math.floor(Math.log10(range)), 0, 8)));
    const [x, y] = this.map.named(point ?? [0, 0]);
    const text = fill(this.words.point, { x: rounded(x, xHigh - xLow), y: rounded(y, yHigh - yLow) });
    this.parts.readout.textContent = point ? text : "";
  }

  rotate(turn, tilt) {
    this.surface.turn = (this.surface.turn + turn) % (2 * Math.PI);
    this.surface.tilt = clamp(this.surface.tilt + tilt, 0.15, 1.5);
    this.turning = true;
    this.redraw("surface");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.turning = false;
      this.redraw("surface");
    }, 150);
  }
}

export default mount(".landscape", Landscape);
