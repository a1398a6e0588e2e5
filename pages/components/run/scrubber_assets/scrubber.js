// The scrubber: its thumb is the playhead, which controls charts and keyframes. Its bar is filled up to the newest update
// of a run in training, otherwise up to the playhead.

const played = (window.playgroundPlayed ??= new Set()); // the recordings that have played automatically
const DRAWN = 300; // milliseconds after which the page has drawn the update that the scrubber shows
const SPEEDS = [1, 2, 0.5, 0.25]; // in the order of the clicks
const BAR = ".st-key-run-bar";
const PRIMARY = `${BAR} [data-testid="stBaseButton-primary"]`; // Train, Pause, or Continue
const calm = matchMedia("(prefers-reduced-motion: reduce)");

class Scrubber {
  constructor(root) {
    this.root = root;
    this.replayButton = root.querySelector(".replay");
    this.liveButton = root.querySelector(".live");
    this.speedButton = root.querySelector(".speed");
    this.speed = 1;
    this.range = root.querySelector("input");
    this.output = root.querySelector("output");
    this.keyframes = new Keyframes();
    this.events = new AbortController();
    const on = (element, event, act) => element.addEventListener(event, act, { signal: this.events.signal });
    on(this.range, "input", () => this.scrub(Number(this.range.value)));
    on(this.range, "keydown", (event) => this.onKey(event));
    on(this.replayButton, "click", () => (this.playing ? this.stop() : this.replay()));
    on(this.liveButton, "click", () => this.toNewest());
    for (const event of ["focusin", "pointerdown"]) {
      on(document, event, ({ target }) => (this.hasFocus = target.closest(PRIMARY) !== null));
    }
    this.replaced = new MutationObserver(() => this.keepFocus());
    this.replaced.observe(document.querySelector(BAR), { childList: true, subtree: true });
    on(this.speedButton, "click", () => this.changeSpeed());
    on(playhead, "replay", () => this.replayUnlessCalm());
  }

  show(data) {
    const isOther = data.run !== this.data?.run, clicked = this.data && data.clicks !== this.data.clicks;
    this.data = data;
    document.documentElement.toggleAttribute("data-outdated", data.outdated);
    this.newest = data.steps.at(-1) ?? 0;
    this.range.max = Math.max(data.total, 1);
    this.range.setAttribute("aria-label", data.words.scrub);
    this.liveButton.textContent = data.words.live;
    if (isOther) this.keyframes.forget();
    clearTimeout(this.keeping);
    if (data.active) this.keeping = setTimeout(() => this.keyframes.keep(this.newest), DRAWN);
    if (isOther || clicked) this.toNewest();
    else this.draw();
    if (!isOther || !data.plays || data.steps.length <= 2 || played.has(data.run)) return;
    if (data.waits) this.moveTo(0);
    else if (!calm.matches) this.replay();
  }

  // Another button may have replaced the focused one.
  keepFocus() {
    if (this.hasFocus && document.activeElement === document.body) document.querySelector(PRIMARY)?.focus();
  }

  replayUnlessCalm() {
    played.add(this.data.run);
    if (calm.matches) this.toNewest();
    else this.replay();
  }

  // Shows the last event at or before an update of the run.
  scrub(step) {
    this.stop();
    this.moveTo(step);
  }

  moveTo(step) {
    const reached = this.data.steps.findLast((event) => event <= step) ?? 0;
    movePlayhead(this.data.run, reached >= this.newest ? null : reached);
    this.draw();
  }

  toNewest() {
    this.stop();
    movePlayhead(this.data.run, null);
    this.draw();
  }

  onKey(event) {
    const { steps } = this.data, at = steps.findLastIndex((step) => step <= this.position());
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: steps.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    this.scrub(steps[clamp(to, 0, steps.length - 1)]);
  }

  position() {
    return playhead.step ?? this.newest;
  }

  replay() {
    played.add(this.data.run);
    let before = performance.now(), step = this.position() >= this.newest ? 0 : this.position();
    this.playing = true;
    const advance = (now) => {
      step += (this.speed * this.newest * (now - before)) / (1000 * this.data.seconds);
      before = now;
      if (step >= this.newest) return this.toNewest();
      this.moveTo(step);
      this.frame = requestAnimationFrame(advance);
    };
    this.frame = requestAnimationFrame(advance);
  }

  changeSpeed() {
    this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length];
    this.draw();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.playing = false;
    this.draw();
  }

  draw() {
    const { words, total, active } = this.data, step = this.position(), isEarlier = playhead.step !== null;
    this.range.value = step;
    const filled = active ? this.newest : step; // a run in training fills the bar, a replay moves along it
    this.range.style.setProperty("--done", `${(100 * filled) / Math.max(total, 1)}%`);
    const [update, text] = this.texts(step);
    this.range.setAttribute("aria-valuetext", update);
    this.output.textContent = total ? text : "";
    this.root.dataset.earlier = isEarlier;
    this.replayButton.textContent = this.playing ? "■" : "▷";
    this.speedButton.textContent = `${this.speed}×`;
    this.speedButton.setAttribute("aria-label", `${words.speed}: ${this.speed}×`);
    this.replayButton.setAttribute("aria-label", this.playing ? words.stop : words.replay);
    this.keyframes.show(isEarlier ? step : null);
  }

  // The update as a sentence and in short form
  texts(step) {
    const { words, total, round } = this.data, one = !round || total <= round;
    const before = one ? 0 : Math.floor(Math.max(0, step - 1) / round);
    const texts = { step: (step - before * round).toLocaleString(), total: (one ? total : round).toLocaleString() };
    const update = fill(words.update, texts), short = `${texts.step} / ${texts.total}`;
    if (one) return [update, short];
    const number = before + 1, rounds = Math.ceil(total / round);
    return [fill(words.round, { number, rounds, update }), `${number}: ${short}`];
  }

  destroy() {
    this.stop();
    document.documentElement.removeAttribute("data-outdated");
    this.events.abort();
    this.replaced.disconnect();
    clearTimeout(this.keeping);
    this.keyframes.destroy();
    movePlayhead(null, null);
  }
}

export default mount(".scrubber", Scrubber);
