// The snapshots of a run, and the position of the playback. They arrive while the run trains, and are played evenly.

const MAX_SPEED = 60 / 1000; // snapshots in a millisecond
const PLAYBACK = 4000; // milliseconds of a whole run, unless it has too many snapshots for MAX_SPEED

const decoded = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

class Player {
  begin(run, still) {
    Object.assign(this, { run, still, snapshots: [], position: 0, playing: !still, before: null, speed: 0 });
  }

  // `poll`: milliseconds until more snapshots arrive, if the run is active.
  add({ steps, weights, gradients, numbers }, { complete, poll }) {
    const known = new Map(this.snapshots.map((snapshot) => [snapshot.step, snapshot])), step = this.shown?.step;
    const all = decoded(weights), slopes = decoded(gradients), size = all.length / steps.length;
    steps.forEach((at, row) => {
      const part = (values) => values.subarray(row * size, (row + 1) * size);
      if (known.has(at)) return;
      known.set(at, { step: at, weights: part(all), gradients: part(slopes), numbers: numbers[row] });
    });
    if (known.size > this.snapshots.length) {
      const fraction = this.position % 1;
      this.snapshots = [...known.values()].sort((one, other) => one.step - other.step);
      this.position = Math.max(0, this.snapshots.findIndex((snapshot) => snapshot.step === step)) + fraction;
    }
    this.complete = complete;
    if (this.still) this.position = this.last;
    const left = this.last - this.position;
    this.speed = Math.min(MAX_SPEED, complete ? this.snapshots.length / PLAYBACK : left / (poll * 1.15));
  }

  get last() {
    return Math.max(0, this.snapshots.length - 1);
  }

  get shown() {
    return this.snapshots[Math.floor(this.position)];
  }

  get moving() {
    return this.playing && !this.atEnd;
  }

  get atEnd() {
    return this.position >= this.last;
  }

  play(on) {
    if (on && this.atEnd && this.complete) this.position = 0;
    Object.assign(this, { playing: on, before: null, still: false });
    if (!on) this.position = Math.floor(this.position);
    if (on) this.speed ||= Math.min(MAX_SPEED, this.snapshots.length / PLAYBACK);
  }

  // The update on the screen; interpolated while it plays.
  get step() {
    const { step } = this.shown, next = this.snapshots[Math.floor(this.position) + 1];
    return next ? mix(step, next.step, this.position % 1) : step;
  }

  // Go to the snapshot nearest to an update; if that one is shown already, to the next one in that direction.
  seek(step) {
    this.play(false);
    const away = this.snapshots.map((snapshot) => Math.abs(snapshot.step - step));
    const nearest = away.indexOf(Math.min(...away)), from = this.position;
    this.position = nearest === from ? clamp(from + Math.sign(step - this.shown.step), 0, this.last) : nearest;
  }

  // Advance the playback; return whether the picture changes.
  advance(now) {
    const passed = Math.min(now - (this.before ?? now), 100), from = this.position;
    this.before = now;
    if (!this.playing) return false;
    this.position = Math.min(this.position + passed * this.speed, this.last);
    if (this.atEnd && this.complete) this.play(false);
    return this.position !== from;
  }

  // The weights on the screen: those of a snapshot, or interpolated linearly while it plays.
  weights() {
    const { weights } = this.shown, next = this.snapshots[Math.floor(this.position) + 1], share = this.position % 1;
    return share && next ? weights.map((weight, at) => mix(weight, next.weights[at], share)) : weights;
  }
}
